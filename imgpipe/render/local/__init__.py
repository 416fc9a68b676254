"""What the commands about the embedded AWS show."""
