"""The files a watermark names: found beside imgpipe.toml, and named as the function finds them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from PIL import Image

from handler.image import render
from imgpipe import settings
from imgpipe.errors import SettingsError
from imgpipe.package import HandlerCode
from imgpipe.settings import assets

if TYPE_CHECKING:
    from pathlib import Path


def _png(colour: str) -> bytes:
    stream = BytesIO()
    Image.new("RGBA", (60, 30), colour).save(stream, "PNG")
    return stream.getvalue()


def _load(tmp_path: Path, text: str) -> settings.Settings:
    (tmp_path / "imgpipe.toml").write_text(text)
    return settings.load({}, {}, tmp_path / "imgpipe.toml")


def test_the_function_finds_a_watermark_that_lies_in_a_folder_here(tmp_path: Path) -> None:
    """``image = "logos/mark.png"`` is deployed as ``assets/mark.png``, and drawn from there."""
    (tmp_path / "logos").mkdir()
    (tmp_path / "logos/mark.png").write_bytes(_png("red"))
    loaded = _load(
        tmp_path,
        '[watermark]\nimage = "logos/mark.png"\nopacity = 1.0\ngravity = "center"\nsize = 0.5\n',
    )
    with ZipFile(BytesIO(HandlerCode(loaded.assets, python="3.0").build())) as code:
        code.extractall(tmp_path / "function")
    (picture,) = render(_png("blue"), loaded.recipe, assets=tmp_path / "function/assets")
    with Image.open(BytesIO(picture.body)) as made:
        assert made.convert("RGB").getpixel((30, 15)) == (255, 0, 0)


def test_no_local_path_travels_to_the_function(tmp_path: Path) -> None:
    """An absolute path would tell the account's readers who deployed, and mean nothing there."""
    font = tmp_path / "fonts" / "mine.ttf"
    font.parent.mkdir()
    font.write_bytes(b"")
    loaded = _load(tmp_path, f"[watermark]\nfont = '{font}'\n")
    assert loaded.assets == (font,)
    assert '"font":"mine.ttf"' in loaded.recipe.to_json()
    assert str(tmp_path) not in loaded.recipe.to_json()


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """One would be deployed over the other."""
    for folder, colour in (("a", "red"), ("b", "blue")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mark.png").write_bytes(_png(colour))
    loaded = _load(
        tmp_path,
        '[watermark]\nimage = "a/mark.png"\n'
        '[[rendition]]\nname = "thumb"\nwatermark = { image = "b/mark.png" }\n',
    )
    with pytest.raises(
        SettingsError, match=r"a/mark\.png and .*b/mark\.png have the same name"
    ) as caught:
        assets.contents(loaded.assets)
    assert "rename one" in caught.value.hint


def test_a_file_that_is_gone_stops_only_who_needs_it(tmp_path: Path) -> None:
    """Settings name it without a look, code can be compared without it, and is not built."""
    loaded = _load(tmp_path, "[watermark]\nimage = 'gone.png'\n")
    gone = tmp_path / "gone.png"
    assert loaded.assets == assets.missing(loaded.assets) == (gone,)
    code = HandlerCode(loaded.assets, python="3.0")
    without = code.digest
    with pytest.raises(
        SettingsError, match=r"watermark's file .*gone\.png does not exist"
    ) as caught:
        code.build()
    assert caught.value.hint == "its path is relative to imgpipe.toml"
    gone.write_bytes(_png("red"))
    assert code.digest != without


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    """As is a device, which might be read without end."""
    with pytest.raises(SettingsError, match="is no file"):
        assets.contents((tmp_path,))


def test_one_file_named_in_two_ways_is_one_file(tmp_path: Path) -> None:
    """``logos/mark.png`` and ``logos/../logos/mark.png`` are no clash."""
    (tmp_path / "logos").mkdir()
    (tmp_path / "logos/mark.png").write_bytes(_png("red"))
    loaded = _load(
        tmp_path,
        '[watermark]\nimage = "logos/mark.png"\n'
        '[[rendition]]\nname = "thumb"\nwatermark = { image = "logos/../logos/mark.png" }\n',
    )
    assert list(assets.contents(loaded.assets)) == ["mark.png"]
    assert [
        rendition.watermark.image for rendition in loaded.recipe.renditions if rendition.watermark
    ] == ["mark.png", "mark.png"]
