"""The fingerprint changes with what changes pictures, and with nothing else."""

from __future__ import annotations

import ast
import tokenize
from dataclasses import replace
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest

from handler.recipe import Recipe, Rendition
from imgpipe.package import fingerprint
from imgpipe.package.code import walk
from imgpipe.package.fingerprint import meaning

if TYPE_CHECKING:
    from pathlib import Path

SOURCES: Final = {
    name: source for name, source in walk(files("handler"), "handler") if name.endswith(".py")
}
_LAYOUT: Final = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def tokens(source: bytes, beside: frozenset[tuple[int, int]] = frozenset()) -> list[str]:
    """Return Python's own tokens, without layout, comments and what begins ``beside``."""
    read = tokenize.tokenize(BytesIO(source).readline)
    return [each.string for each in read if each.type not in _LAYOUT and each.start not in beside]


def docstrings(source: bytes) -> frozenset[tuple[int, int]]:
    """Return where the strings begin that stand by themselves."""
    alone = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Expr))
    return frozenset(
        (each.lineno, each.col_offset)
        for each in alone
        if isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
    )


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_what_counts_of_a_source_is_all_that_python_reads(name: str) -> None:
    """Neither less, as a string that looks like a comment, nor more."""
    source = SOURCES[name]
    assert tokens(meaning(source)) == tokens(source, docstrings(source))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = 1\n", b"# why\nx = 1  # what\n"),
        (b"x = 1\n", b'"""What it is."""\n\nx = 1\n'),
        (
            b"def f():\n    return 1\n",
            b'def f():\n    """Say.\n\n    "So" # no.\n    """\n\n    return 1\n',
        ),
        (b"x = '#'\n", b"x = '#'  # '\n"),
    ],
)
def test_comments_docstrings_and_blank_lines_do_not_count(before: bytes, after: bytes) -> None:
    """Whoever only explains makes no picture stale."""
    assert meaning(after) == meaning(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = '# 1'\n", b"x = '# 2'\n"),
        (b'x = f("""a""")\n', b'x = f("""b""")\n'),
        (b"if x:\n    y()\nz()\n", b"if x:\n    y()\n    z()\n"),
        (b'x = "\\"#"; y = 1\n', b'x = "\\"#"; y = 2\n'),
    ],
)
def test_everything_else_does(before: bytes, after: bytes) -> None:
    """Strings that look like comments, and how far lines are indented."""
    assert meaning(after) != meaning(before)


def test_it_tells_recipe_and_code_apart() -> None:
    """Another recipe changes the first half alone."""
    recipe, code = fingerprint(Recipe(), ()).split(".")
    other, same = fingerprint(Recipe((Rendition(width=801),)), ()).split(".")
    assert (len(recipe), len(code), same) == (8, 8, code)
    assert other != recipe


def test_a_watermarks_file_belongs_to_the_recipe(tmp_path: Path) -> None:
    """By its name and its bytes, wherever it lies; the order in which files are named does not."""
    logo, font = tmp_path / "logo.png", tmp_path / "font.ttf"
    for path in (logo, font):
        path.write_bytes(path.name.encode())
    made = fingerprint(Recipe(), (logo, font))
    assert made == fingerprint(Recipe(), (font, logo))
    logo.write_bytes(b"another")
    assert made != fingerprint(Recipe(), (logo, font))


def test_what_the_command_line_alone_knows_does_not_count() -> None:
    """Equal recipes are equal, however they were written down."""
    assert fingerprint(Recipe.from_json(Recipe().to_json()), ()) == fingerprint(
        replace(Recipe()), ()
    )
