"""A settings file to begin with: every setting, commented out, with its default and meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imgpipe.settings import schema
from imgpipe.settings.known import SETTINGS, Known
from imgpipe.settings.toml import scalar

_HEAD: Final = """
# imgpipe's settings. What is commented out has the default that stands there.
# A flag beats a variable beats this file; `imgpipe config show` says what holds, and why.
"""
_RENDITION: Final = """
# Further pictures of the same source; each inherits [picture] and [watermark].
# [[rendition]]
# name = "thumb"
# width = 320
# height = 320
# fit = "cover"
"""
_TAGS: Final = """
# Further tags for every resource.
# [tags]
# team = "photo"
"""


def document() -> str:
    """Return the text of a settings file that says nothing but defaults."""
    tables = dict.fromkeys(each.table for each in SETTINGS)
    lines = "\n".join(line for table in tables for line in _lines(table))
    return f"{schema.LINE}\n{_HEAD}{lines}\n{_RENDITION}{_TAGS}"


def _lines(table: str) -> Iterator[str]:
    yield from ("", f"[{table}]") if table else ()
    for each in SETTINGS:
        if each.table == table:
            yield from ("", f"# {each.meaning}", f"# {each.name} = {_value(each)}")


def _value(each: Known) -> str:
    if each.default is None:  # as it is
        return "[]" if each.check.schema.get("type") == "array" else "false"
    return scalar(each.default)
