"""Values -> tables, progress lines and JSON; the only place that imports rich. Nothing here decides anything."""
