"""Options over imgpipe.toml: each takes the place of its setting in every rendition."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from handler.recipe import Limits, Recipe, Rendition, Watermark
from imgpipe.errors import SettingsError, UsageError
from imgpipe.settings import Settings
from imgpipe.settings.overrides import overlaid

if TYPE_CHECKING:
    from pathlib import Path

MINE = Watermark(text="mine", size=0.1)
TWO = Settings(
    recipe=Recipe(
        (Rendition(quality=70, watermark=MINE), Rendition(name="thumb", width=100, watermark=None))
    )
)

# A value for every field that is not its default.
PICTURE: dict[str, Any] = {
    "width": 10, "height": 20, "fit": "pad", "gravity": "attention", "background": "#123456",
    "format": "webp", "quality": 50, "max_bytes": 5000, "metadata": "all", "pages": "all",
    "colour": "p3", "hdr": "keep", "linear": True,
    "cache_control": "no-store", "keep_metadata": ("album",),
}  # fmt: skip
MARK: dict[str, Any] = {
    "text": "x", "size": 0.5, "color": "#111111", "outline": "#eeeeee", "opacity": 1.0,
    "angle": 45.0, "gravity": "north", "margin": 0.1, "tiled": True,
}  # fmt: skip
LIMITS: dict[str, Any] = {
    "pixels": 1,
    "total_pixels": 2,
    "frames": 3,
    "bytes": 4,
    "formats": ["png"],
    "truncated": "salvage",
}


def given(**options: Any) -> Settings:
    """Return ``TWO`` with the options over it; all others are not given, as typer says it."""
    return overlaid(
        TWO,
        {"width": None, "watermark": None, "limits_bytes": None, "watermark_text": None, **options},
    )


def test_without_options_nothing_changes() -> None:
    """The recipe is imgpipe.toml's."""
    assert given() == TWO


def test_every_picture_setting_holds_for_every_rendition() -> None:
    """Names and watermarks stay."""
    assert {*PICTURE, "name", "watermark"} == {field.name for field in fields(Rendition)}
    first, second = given(**PICTURE).recipe.renditions
    assert first == Rendition(**PICTURE, watermark=MINE)
    assert second == Rendition(**PICTURE, name="thumb", watermark=None)


def test_every_watermark_setting_puts_a_watermark_on_every_rendition() -> None:
    """The others of its settings stay, or are the defaults."""
    assert {*MARK, "image", "font"} == {field.name for field in fields(Watermark)}
    marked = given(**{f"watermark_{name}": value for name, value in MARK.items()}).recipe.renditions
    assert [each.watermark for each in marked] == [Watermark(**MARK)] * 2
    first, second = given(watermark_angle=30.0).recipe.renditions
    assert first.watermark == Watermark(text="mine", size=0.1, angle=30.0)
    assert second.watermark == Watermark(angle=30.0)


def test_every_limit_can_be_set() -> None:
    """They are shared by the renditions."""
    assert set(LIMITS) == {field.name for field in fields(Limits)}
    assert given(
        **{f"limits_{name}": value for name, value in LIMITS.items()}
    ).recipe.limits == Limits(**LIMITS)


def test_no_watermark_wins_and_watermark_brings_one_everywhere() -> None:
    """``--no-watermark`` and ``--watermark``."""
    assert [
        each.watermark for each in given(watermark=False, watermark_text="x").recipe.renditions
    ] == [None, None]
    assert [each.watermark for each in given(watermark=True).recipe.renditions] == [
        MINE,
        Watermark(),
    ]


def test_a_watermarks_file_is_found_from_here_and_travels_along(tmp_path: Path) -> None:
    """The recipe names it as the function would; imgpipe.toml's file of that name gives way."""
    mark, old = tmp_path / "mark.png", tmp_path / "old/mark.png"
    mark.touch()
    settings = Settings(
        recipe=Recipe((Rendition(watermark=Watermark(image="mark.png")),)),
        assets=(old, tmp_path / "font.ttf"),
    )
    changed = overlaid(settings, {"watermark_image": str(mark)})
    assert changed.recipe == settings.recipe
    assert changed.assets == (mark, tmp_path / "font.ttf")


def test_a_text_takes_an_images_place() -> None:
    """The image would hide it."""
    settings = Settings(recipe=Recipe((Rendition(watermark=Watermark(image="mark.png")),)))
    (rendition,) = overlaid(settings, {"watermark_text": "mine"}).recipe.renditions
    assert rendition.watermark == Watermark(text="mine")


def test_a_missing_watermark_file_names_its_option() -> None:
    """As every file that is not there."""
    with pytest.raises(UsageError, match=r"--watermark-font: no/such\.ttf does not exist"):
        given(watermark_font="no/such.ttf")


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"width": 0}, "--width is 0", "allowed are whole numbers from 1 to 16383"),
        ({"max_bytes": -1}, "--max-bytes is -1", "allowed are whole numbers from 0 to 2147483648"),
        (
            {"background": "red; blue"},
            "--background is 'red; blue'",
            "allowed are colours written #rrggbb",
        ),
        (
            {"watermark_gravity": "attention"},
            "--watermark-gravity is 'attention'",
            "allowed are center, north",
        ),
        (
            {"watermark_opacity": float("nan")},
            "--watermark-opacity is nan",
            "allowed are numbers from 0 to 1",
        ),
        (
            {"limits_total_pixels": 0},
            "--limits-total-pixels is 0",
            "allowed are whole numbers from 1 to",
        ),
        (
            {"limits_formats": ["svg"]},
            "--limits-formats is ['svg']",
            "allowed are lists of jpeg, png",
        ),
    ],
)
def test_a_bad_value_names_its_option_and_what_is_allowed(
    options: dict[str, Any], message: str, hint: str
) -> None:
    """In the words of every other setting."""
    with pytest.raises(SettingsError) as caught:
        given(**options)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
