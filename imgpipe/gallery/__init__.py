"""The page behind the distribution's ``/``; its data is the function's: ``handler.gallery``."""
