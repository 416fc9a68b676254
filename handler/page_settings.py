"""What people set of the page, as a value that function and command line share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Self

from handler import checks
from handler.checks import setting
from handler.group import Group

_MOST_COLUMNS: Final = 8


@dataclass(frozen=True)
class PageSettings(Group):
    """How the page introduces itself, how wide its pictures are, and whether there is one.

    ``columns`` is about how many pictures stand side by side in a wide window. ``template`` is the
    folder with a design of one's own; the function sees its name alone.
    """

    title: str = setting("Pictures", checks.text)
    description: str = setting("", checks.text)
    public: bool = setting(default=True, check=checks.boolean)
    columns: int = setting(4, checks.integer(1, _MOST_COLUMNS))
    template: str = setting("", checks.text)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote; ``ValueError`` for anything else."""
        return cls.from_mapping(json.loads(text))

    def to_json(self) -> str:
        """Return what differs from the defaults as compact JSON, keys sorted."""
        return json.dumps(self.to_mapping(), sort_keys=True, separators=(",", ":"))
