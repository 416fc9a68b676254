"""How pictures come out, as a short text: by which recipe, and by which code.

Why it is made so: docs/decisions/0017-what-makes-a-picture-stale.md.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from imgpipe.package.archive import digest
from imgpipe.package.code import or_nothing, walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handler.recipe import Recipe

_DIGITS: Final = 8
# Strings are passed over, so that what begins a comment or a docstring in them begins none.
_WORDS: Final = re.compile(
    rb'^[ \t]*r?"""(?:[^"\\]|\\.|"(?!""))*"""[ \t]*$'  # a docstring
    rb'|("""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    rb"|#[^\n]*",
    re.MULTILINE | re.DOTALL,
)


def fingerprint(recipe: Recipe, assets: Sequence[Path]) -> str:
    """Return what a picture's rows say of how it was made, such as ``0f3a52c7.91d2e8b4``.

    The first half stands for the ``recipe`` with the files that it names (``assets``), the second
    for the code that turns pixels into pictures. Neither depends on who deploys, or from where.
    """
    named = sorted((path.name, or_nothing(path)) for path in assets)
    parts = [
        recipe.to_json().encode(),
        *(part for name, body in named for part in (name.encode(), body)),
    ]
    return f"{digest(parts)[:_DIGITS]}.{_code()}"


def meaning(source: bytes) -> bytes:
    """Return what is left of Python code without docstrings, comments and blank lines."""
    told = _WORDS.sub(lambda found: found[1] or b"", source)
    return b"\n".join(line.rstrip() for line in told.splitlines() if line.strip())


@cache
def _code() -> str:
    core = dict(walk(files("handler").joinpath("image"), "image"))
    formats = files("handler").joinpath("formats.py").read_bytes()
    sources = {**core, "formats.py": formats}
    parts = ((name.encode(), meaning(sources[name])) for name in sorted(sources))
    return digest(part for pair in parts for part in pair)[:_DIGITS]
