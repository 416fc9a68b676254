"""What a picture says besides its pixels, and how much of it a rendition keeps: EXIF, IPTC, XMP."""
