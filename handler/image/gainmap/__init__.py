"""Gain maps: what turns a JPEG's SDR picture into an HDR one on a screen that can show it.

Android's Ultra HDR (https://developer.android.com/media/platform/hdr-image-format) and ISO 21496-1:
a second, smaller JPEG behind the first.
"""
