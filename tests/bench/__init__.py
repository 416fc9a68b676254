"""What bench/ judges by."""
