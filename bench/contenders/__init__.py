"""One module for each contender, run as a process of its own.

Jobs come in as JSON lines, figures go out the same way.

A job is ``{"task": ..., "source": path, "output": path}``; the reply is ``{"cpu": ms, "wall": ms,
"peak": KiB}``. Only the work from bytes to bytes is timed. Tasks: ``marked`` (fit into 800 x 600,
watermark), ``bare`` (without the watermark) and, where a contender knows it, ``three`` (320, 800
and 1600 pixels from one source).
"""
