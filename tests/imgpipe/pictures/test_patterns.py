"""Which files --include and --exclude leave."""

from __future__ import annotations

from typing import Final

import pytest

from imgpipe.cli._files import naming
from imgpipe.pictures.patterns import Pattern, Patterns

NAMES: Final = ("a.jpg", "b.JPG", "raw/a.cr2", "raw/a.jpg", "raw/old/[x].jpg", "notes.txt")


def taken(line: str) -> list[str]:
    """What the command line's patterns leave of the names."""
    patterns = naming(line.split(), "").patterns
    return [name for name in NAMES if patterns.take(name)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", NAMES),
        ("--exclude *", ()),
        ("--include *", NAMES),
        ("--include *.jpg", ("a.jpg", "raw/a.jpg", "raw/old/[x].jpg")),
        ("--exclude *.txt", NAMES[:5]),
        # aws s3 cp's own idiom means here what it means there.
        ("--exclude * --include *.jpg", ("a.jpg", "raw/a.jpg", "raw/old/[x].jpg")),
        ("--include *.jpg --exclude raw/*", ("a.jpg",)),
        ("--exclude raw/* --include *.jpg", ("a.jpg", "b.JPG", *NAMES[3:])),
        ("--exclude raw/* --include raw/a.*", ("a.jpg", "b.JPG", *NAMES[2:4], "notes.txt")),
        ("--include raw/* --exclude raw/old/* --include *[[]x]*", (*NAMES[2:5],)),
        ("--include ?.jpg", ("a.jpg",)),
        ("--include raw?a.jpg", ("raw/a.jpg",)),
        ("--include [ab].*", ("a.jpg", "b.JPG")),
        ("--include [!a].*", ("b.JPG",)),
        ("--include=*.txt --include=*.JPG", ("b.JPG", "notes.txt")),
        ("--include *.txt -- --exclude *", ("notes.txt",)),
        ("--include [", ()),
    ],
)
def test_the_last_that_matches_decides(line: str, names: tuple[str, ...]) -> None:
    """In the order of the command line; what none matches is meant unless the first takes in."""
    assert taken(line) == list(names)


def test_a_name_of_many_lines_is_one_name() -> None:
    """``*`` goes beyond the line."""
    assert Patterns((Pattern(takes=True, text="a*.jpg"),)).take("a\n\x1b b.jpg")
