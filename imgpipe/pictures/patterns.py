"""Which files are meant: patterns that take them in or leave them out, the last match deciding."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Pattern:
    """``text`` as shells have it, but that ``*`` and ``?`` match ``/`` too. Case counts.

    ``takes`` says whether what matches it is meant.
    """

    takes: bool
    text: str


@dataclass(frozen=True)
class Patterns:
    """Patterns in the order in which they were given.

    The last that matches a name decides. What none matches is meant, unless the first pattern is
    one that takes in: ``--include '*.jpg'`` alone means nothing but these.
    """

    patterns: tuple[Pattern, ...] = ()

    def take(self, name: str) -> bool:
        """Say whether the file ``name``, a path below the named directory, is meant."""
        taken = not (self.patterns and self.patterns[0].takes)
        for pattern in self.patterns:
            if fnmatchcase(name, pattern.text):
                taken = pattern.takes
        return taken
