"""What a setup would change, told in the words of imgpipe.toml, each once; and who said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings

from imgpipe.settings import Settings, load
from imgpipe.settings.difference import Change, changes, flat
from tests.support.recipes import recipes

if TYPE_CHECKING:
    from pathlib import Path

    from handler.recipe import Recipe

THUMB: Final = '[[rendition]]\nname = "thumb"\n'
SAID, DEFAULT = False, True


def told(found: tuple[Change, ...]) -> list[tuple[str, object, object, bool]]:
    """The changes as a table."""
    return [(each.label, each.old, each.new, each.default) for each in found]


def between(folder: Path, old: str, new: str) -> tuple[Change, ...]:
    """What a setup with the file ``new`` changes of the picture settings of the file ``old``."""

    def read(text: str) -> Settings:
        (folder / "imgpipe.toml").write_text(text)
        return load({}, {}, folder / "imgpipe.toml")

    after = read(new)
    return changes(flat(read(old).recipe), flat(after.recipe), after.origins)


CASES: Final = {
    "a value that the file says": (
        "[picture]\nquality = 80",
        "[picture]\nquality = 90",
        [("[picture] quality", 80, 90, SAID)],
    ),
    "a value that the file lacks": (
        "[watermark]\ntext = '© Jane'",
        "",
        [("[watermark] text", "© Jane", "Watermark", DEFAULT)],
    ),
    "a rendition that comes": (
        "",
        THUMB,
        [("[[rendition]] thumb", None, {"name": "thumb"}, SAID)],
    ),
    "a rendition that goes": (
        f"{THUMB}width = 320",
        "",
        [("[[rendition]] thumb", {"name": "thumb", "width": 320}, None, DEFAULT)],
    ),
    "what a rendition says itself": (
        f"{THUMB}width = 320",
        f"{THUMB}width = 400",
        [("[[rendition]] thumb width", 320, 400, SAID)],
    ),
    "what a rendition no longer says, and nobody else": (
        f"{THUMB}width = 320",
        THUMB,
        [("[[rendition]] thumb width", 320, 800, DEFAULT)],
    ),
    "what a rendition no longer says, and the picture does": (
        f"[picture]\nwidth = 900\n{THUMB}width = 320",
        f"[picture]\nwidth = 900\n{THUMB}",
        [("[[rendition]] thumb width", 320, 900, SAID)],
    ),
    "what a rendition inherits is told once": (
        THUMB,
        f"[picture]\nwidth = 900\n[watermark]\nopacity = 0.5\n{THUMB}",
        [("[picture] width", 800, 900, SAID), ("[watermark] opacity", 0.65, 0.5, SAID)],
    ),
    "a watermark that goes is one change": (
        "[watermark]\ntext = 'x'\nopacity = 0.5",
        "[picture]\nwatermark = false",
        [("[picture] watermark", True, False, SAID)],
    ),
    "a watermark that comes brings what it says": (
        "[picture]\nwatermark = false",
        "[watermark]\ntext = 'x'",
        [("[picture] watermark", False, True, SAID), ("[watermark] text", "Watermark", "x", SAID)],
    ),
    "a watermark that comes because nobody says no": (
        "[picture]\nwatermark = false",
        "",
        [("[picture] watermark", False, True, DEFAULT)],
    ),
    "a rendition's own watermark, in one line": (
        f"{THUMB}watermark = false",
        f"{THUMB}watermark = {{ text = 'x' }}",
        [
            ("[[rendition]] thumb watermark", False, True, SAID),
            ("[[rendition]] thumb watermark text", "Watermark", "x", SAID),
        ],
    ),
    "a rendition's own watermark, in a table": (
        f"{THUMB}[rendition.watermark]\ntext = 'x'",
        f"{THUMB}[rendition.watermark]\ntext = 'y'",
        [("[[rendition]] thumb watermark text", "x", "y", SAID)],
    ),
    "limits": (
        "[limits]\nformats = ['jpeg', 'png']\nframes = 3",
        "[limits]\nformats = ['jpeg']",
        [
            ("[limits] frames", 3, 500, DEFAULT),
            ("[limits] formats", ("jpeg", "png"), ("jpeg",), SAID),
        ],
    ),
    "the preset switched off": (
        "preset = 'web'",
        "preset = 'none'",
        [
            (f"[[rendition]] {size}_{kind}", SAID)
            for size in ("thumb", "medium", "large")
            for kind in ("webp", "jpeg")
        ],
    ),
    "the preset gone": (
        "preset = 'web'",
        "",
        [
            (f"[[rendition]] {size}_{kind}", DEFAULT)
            for size in ("thumb", "medium", "large")
            for kind in ("webp", "jpeg")
        ],
    ),
    "the order of renditions is nobody's business": (
        f"{THUMB}[[rendition]]\nname = 'large'",
        f"[[rendition]]\nname = 'large'\n{THUMB}",
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_difference_is_told_in_the_files_words(case: str, tmp_path: Path) -> None:
    """Label, old, new, and whether the new is only a default."""
    old, new, expected = CASES[case]
    found = told(between(tmp_path, old, new))
    if case.startswith("the preset"):
        assert [(label, default) for label, _, _, default in found] == expected
    else:
        assert found == expected


@settings(deadline=None)
@given(recipes(), recipes())
def test_there_is_a_difference_where_the_function_would_do_otherwise(
    one: Recipe, other: Recipe
) -> None:
    """None of a recipe from itself, and one of any other but for the order of renditions."""
    assert changes(flat(one), flat(one), {}) == ()
    same = (
        one.limits == other.limits
        and one.renditions[0] == other.renditions[0]
        and set(one.renditions) == set(other.renditions)
    )
    assert (changes(flat(one), flat(other), {}) == ()) == same


def test_what_no_resource_tells_is_no_difference() -> None:
    """A release that wrote less is no other setting; a tag of somebody's own is left."""
    assert changes({"memory": 448}, {"memory": 448, "removed": "follow"}, {}) == ()
    assert changes({"tags.cost": "1"}, {}, {}) == ()
    assert told(changes({"tags.a": "1"}, {"tags.a": "2", "tags.b": "3"}, {})) == [
        ("[tags] a", "1", "2", SAID),
        ("[tags] b", None, "3", SAID),
    ]


def test_only_picture_settings_make_pictures_come_out_otherwise() -> None:
    """More memory does not."""
    kinds = ("picture.width", "watermark.text", "rendition.a", "limits.frames", "memory", "tags.a")
    assert [Change(key, 1, 2, default=False).of_pictures for key in kinds] == [True] * 4 + [
        False
    ] * 2
