"""What people set of renditions on demand, as a value that function and command line share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Self

from handler import checks
from handler.checks import setting
from handler.formats import ENCODERS
from handler.group import Group

_LONGEST_SIDE: Final = 16383
_SIDE: Final = checks.integer(1, _LONGEST_SIDE)
FORMATS: Final = tuple(name for name, each in ENCODERS.items() if each.on_request)


@dataclass(frozen=True)
class DeliverySettings(Group):
    """Whether pictures are made on demand at the CDN, and which there may be.

    What a visitor asks for is rounded up to the nearest of each list. ``widths`` and ``heights``
    are in pixels; without ``heights`` a picture's own proportion stays, and so with its ``fit`` and
    ``gravity``. Without ``qualities`` all have the recipe's. ``formats`` are those that a visitor
    may get besides the recipe's own. ``signing`` says that the edges refuse addresses that
    ``imgpipe url`` has not signed. ``memory`` is the function's, in MB.
    """

    enabled: bool = setting(default=False, check=checks.boolean)
    widths: tuple[int, ...] = setting(
        (160, 320, 480, 640, 960, 1280, 1600, 1920, 2560), checks.some(_SIDE)
    )
    heights: tuple[int, ...] = setting((), checks.lists_of(_SIDE))
    qualities: tuple[int, ...] = setting((), checks.lists_of(checks.integer(1, 100)))
    formats: tuple[str, ...] = setting(("avif", "webp", "jpeg"), checks.some_of(*FORMATS))
    signing: bool = setting(default=False, check=checks.boolean)
    memory: int = setting(1769, checks.integer(128, 10240))

    @property
    def open_to_all(self) -> bool:
        """Whether anybody's address is answered, such as the page's, which cannot sign."""
        return self.enabled and not self.signing

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote; ``ValueError`` for anything else."""
        return cls.from_mapping(json.loads(text))

    def to_json(self) -> str:
        """Return what differs from the defaults as compact JSON, keys sorted."""
        return json.dumps(self.to_mapping(), sort_keys=True, separators=(",", ":"))
