"""Where a setting's value came from: a flag, a variable, a line of imgpipe.toml, or nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^]]+?)\s*]")
_KEY: Final = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")
_MULTILINE_QUOTES: Final = re.compile("\"\"\"|'''")


class Kind(StrEnum):
    """What kind of place a value can come from, strongest first."""

    FLAG = "flag"
    VARIABLE = "variable"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True)
class Origin:
    """The place a value came from: ``--region``, ``IMGPIPE_REGION`` or ``imgpipe.toml:3``."""

    kind: Kind
    where: str = ""

    def __str__(self) -> str:
        return self.where or str(self.kind)


def line_numbers(toml: str) -> dict[str, int]:
    """Return on which line of a TOML text each key stands.

    Keys are called ``picture.width`` and ``rendition.0.name``. tomllib tells values alone. This
    reads headers and keys only, so the text must be valid TOML; the keys within an inline table
    are on its line.
    """
    numbers: dict[str, int] = {}
    tables: dict[str, int] = {}
    table, in_text = "", False
    for number, line in enumerate(toml.splitlines(), start=1):
        if not in_text and (header := _HEADER.match(line)):
            brackets, name = header.groups()
            tables[name] = tables.get(name, -1) + 1
            table = f"{name}.{tables[name]}." if brackets == "[[" else f"{name}."
        elif not in_text and (key := _KEY.match(line)):
            numbers.setdefault(table + next(filter(None, key.groups())), number)
        in_text ^= len(_MULTILINE_QUOTES.findall(line)) % 2 == 1
    return numbers
