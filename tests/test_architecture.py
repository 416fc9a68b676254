"""The tree of rooms in docs/architecture.md is the tree of folders: no more, no less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "docs" / "architecture.md"
PACKAGES: Final = ("handler", "imgpipe")
LONGEST_LINE: Final = 100


def lines() -> list[str]:
    """The tree's lines as they stand between the two markers, without the block's fences."""
    text = DOCUMENT.read_text(encoding="utf-8")
    tree = text.split("<!-- rooms -->")[1].split("<!-- /rooms -->")[0]
    return [line for line in tree.splitlines() if line.strip() not in {"", "```"}]


def drawn() -> Iterator[str]:
    """Yield every path of the drawn tree; a folder's ends in a slash, two blanks are a step in."""
    above: list[str] = []
    for line in lines():
        name = line.split()[0]
        del above[(len(line) - len(line.lstrip())) // 2 :]
        yield "".join((*above, name))
        above.append(name)


def there() -> Iterator[str]:
    """Yield every package and module there is; a package's own line stands for its ``__init__``."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            relative = path.relative_to(ROOT)
            is_package = path.name == "__init__.py"
            yield f"{relative.parent.as_posix()}/" if is_package else relative.as_posix()


def test_every_room_and_module_is_in_the_tree() -> None:
    """A new module gets its line in docs/architecture.md; one that went loses it."""
    assert {"missing": set(there()) - set(drawn()), "gone": set(drawn()) - set(there())} == {
        "missing": set(),
        "gone": set(),
    }


def test_no_room_is_drawn_twice() -> None:
    """As a merge might do it."""
    names = list(drawn())
    assert sorted(names) == sorted(set(names))


def test_every_line_says_in_a_few_words_what_is_in_the_room() -> None:
    """Beside its name, and on one line of a terminal."""
    assert [line for line in lines() if len(line.split()) < 2 or len(line) > LONGEST_LINE] == []
