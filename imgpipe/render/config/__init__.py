"""What ``imgpipe config``'s commands show."""
