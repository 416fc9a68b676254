"""What a source's numbers mean, told by whatever tells it, and how they become sRGB."""
