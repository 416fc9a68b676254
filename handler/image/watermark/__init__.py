"""The mark laid over a rendition: a text set in a font, or an image."""
