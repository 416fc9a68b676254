"""imgpipe: a serverless image pipeline in your AWS account, from the command line.

Importing it makes the name ``handler`` mean the function's code that belongs to this imgpipe:
``imgpipe/_function/handler`` where a wheel installed it, the folder beside ``imgpipe/`` in a
checkout. Many who write Lambda functions have a ``handler.py`` of their own where they stand, or
a package of that name installed. It is never taken for ours, and no file of ours is in its way.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Final

__version__: Final = "0.2.0.dev0"

_PLACES: Final = (os.path.join(__path__[0], "_function"), os.path.dirname(__path__[0]))


class _OwnHandler:
    """Finds the package ``handler`` in ``_PLACES``, whatever ``sys.path`` has under that name."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return the spec of ``handler``, and ``None`` for every other name."""
        return PathFinder.find_spec(name, _PLACES) if name == "handler" else None


sys.meta_path.insert(0, _OwnHandler)
