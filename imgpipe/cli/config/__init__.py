"""``imgpipe config``: the settings, beside what is live."""
