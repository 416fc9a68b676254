"""Previews: the function's own results; sources are safe, nothing lands outside the folder."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from handler import image
from handler.recipe import Limits, Recipe, Rendition, web_preset
from imgpipe.errors import PartialError, SettingsError, UsageError
from imgpipe.pictures import preview
from imgpipe.pictures.files import LocalFile
from imgpipe.settings import Settings
from imgpipe.settings.overrides import overlaid

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Settings(recipe=Recipe((Rendition(width=40, height=30, watermark=None),)))


def picture(size: tuple[int, int] = (80, 60), colour: str = "teal", kind: str = "JPEG") -> bytes:
    """Return a plain picture as a file's bytes."""
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, kind)
    return stream.getvalue()


def write(path: Path, body: bytes = b"") -> Path:
    """Write a picture to ``path``, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body or picture())
    return path


def run(paths: list[Path], settings: Settings, folder: Path) -> list[preview.Preview]:
    """Preview as the command does."""
    chosen = preview.sources(paths, folder)
    preview.prepare(folder)
    return list(preview.previews(chosen, settings, folder))


def test_the_results_are_what_the_function_makes_under_the_keys_it_uses(tmp_path: Path) -> None:
    """Every rendition, byte for byte, in the sources' folders; the facts are the file's."""
    source = write(tmp_path / "in/2026/tree.tiff", picture((900, 700), kind="TIFF"))
    recipe = Recipe((Rendition(), Rendition(name="thumb", width=100, format="webp")))
    (found,) = run([tmp_path / "in"], Settings(recipe=recipe), tmp_path / "out")
    expected = image.render(source.read_bytes(), recipe)
    assert [result.key for result in found.results] == [
        "2026/processed-tree.tiff.jpg",
        "2026/processed-tree--thumb.tiff.webp",
    ]
    assert [(tmp_path / "out" / result.key).read_bytes() for result in found.results] == [
        each.body for each in expected
    ]
    assert [(r.rendition, r.width, r.height, r.size) for r in found.results] == [
        (each.rendition.name, each.width, each.height, len(each.body)) for each in expected
    ]
    assert (found.seconds > 0, found.reason) == (True, "")
    preview.raise_for_failures([found])


def test_a_warning_of_the_picture_core_is_passed_on(tmp_path: Path) -> None:
    """A picture too small for its watermark says so."""
    (found,) = run([write(tmp_path / "tiny.jpg", picture((20, 20)))], Settings(), tmp_path / "out")
    assert "watermark not drawn" in found.results[0].warnings[0]


def test_what_cannot_work_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    """Damaged pictures and files that are none, beside a good one."""
    broken = write(tmp_path / "a.jpg", picture((300, 200))[:400])
    text = write(tmp_path / "b.txt", b"not a picture")
    good = write(tmp_path / "c.jpg")
    by_name = {
        found.file.path.name: found for found in run([broken, text, good], SMALL, tmp_path / "out")
    }
    assert by_name["a.jpg"].reason.startswith("damaged")
    assert by_name["b.txt"].reason == "not an image of a known format"
    assert [result.key for result in by_name["c.jpg"].results] == ["processed-c.jpg"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["processed-c.jpg"]
    with pytest.raises(PartialError, match="2 of 3 pictures"):
        preview.raise_for_failures(list(by_name.values()))


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    """Its size alone decides, so that it never fills the memory: this one holds 1 TB of nothing."""
    with (tmp_path / "a.jpg").open("wb") as file:
        file.write(picture())
        file.truncate(10**12)
    (found,) = run([tmp_path / "a.jpg"], SMALL, tmp_path / "out")
    assert found.reason == "the file has 1,000,000,000,000 bytes; at most 104,857,600 are read"


def test_the_functions_memory_holds_here_too(tmp_path: Path) -> None:
    """A preview must not promise what the function would refuse."""
    large = write(tmp_path / "a.png", picture((4000, 3000), kind="PNG"))
    (refused,) = run([large], replace(SMALL, memory=128), tmp_path / "out")
    (made,) = run([large], replace(SMALL, memory=1769), tmp_path / "out")
    assert "of memory are needed; there are 128" in refused.reason
    assert made.results


def test_the_recipes_limits_hold(tmp_path: Path) -> None:
    """One pixel more than allowed is refused."""
    limited = replace(SMALL, recipe=Recipe(limits=Limits(pixels=80 * 60 - 1)))
    (found,) = run([write(tmp_path / "a.jpg")], limited, tmp_path / "out")
    assert "the limit is 4799" in found.reason


def test_an_earlier_result_is_replaced(tmp_path: Path) -> None:
    """Previewing again, with other settings, into the same folder."""
    source = write(tmp_path / "a.jpg")
    write(tmp_path / "out/processed-a.jpg", b"old")
    run([source], SMALL, tmp_path / "out")
    assert (tmp_path / "out/processed-a.jpg").read_bytes() == image.render(
        source.read_bytes(), SMALL.recipe
    )[0].body


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    """Not even where it is called like another's result, or is reached by another name."""
    write(tmp_path / "a.jpg")
    original = write(tmp_path / "processed-a.jpg", picture(colour="red"))
    found = run(sorted(tmp_path.iterdir()), SMALL, tmp_path)
    assert "is itself one of the pictures to preview" in found[0].reason
    assert original.read_bytes() == picture(colour="red")
    link = tmp_path / "out/processed-processed-a.jpg"
    link.parent.mkdir()
    link.hardlink_to(original)
    assert "is itself one of" in run([original], SMALL, tmp_path / "out")[0].reason
    assert original.read_bytes() == picture(colour="red")


@pytest.mark.parametrize("key", ["../a.jpg", "../../out-of-here/a.jpg", "/a.jpg", "linked/a.jpg"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, key: str) -> None:
    """Whatever a key says, and wherever a link in the folder leads."""
    source = write(tmp_path / "a.jpg")
    folder, elsewhere = tmp_path / "deep/er/out", tmp_path / "elsewhere"
    folder.mkdir(parents=True)
    elsewhere.mkdir()
    (folder / "linked").symlink_to(elsewhere)
    hostile = LocalFile(
        source,
        key if key != "/a.jpg" else f"{elsewhere}/a.jpg",
        source.stat().st_size,
        "image/jpeg",
    )
    (found,) = preview.previews([hostile], SMALL, folder)
    assert "leads out of" in found.reason
    assert list(tmp_path.rglob("processed-*")) == []


def test_a_link_in_the_place_of_a_result_is_not_followed_out(tmp_path: Path) -> None:
    """It may lead to a file of the user's."""
    precious = write(tmp_path / "precious", b"kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/processed-a.jpg").symlink_to(precious)
    (found,) = run([write(tmp_path / "a.jpg")], SMALL, tmp_path / "out")
    assert "leads out of" in found.reason
    assert precious.read_bytes() == b"kept"


def test_a_result_that_cannot_be_written_has_a_reason(tmp_path: Path) -> None:
    """A name of 250 bytes is fine; with ``processed-`` before it, the file system refuses it."""
    long, good = write(tmp_path / f"{'x' * 246}.jpg"), write(tmp_path / "good.jpg")
    found = run([long, good], SMALL, tmp_path / "out")
    assert "File name too long" in found[0].reason
    assert found[1].results


def test_results_in_a_directory_are_not_previewed_again(tmp_path: Path) -> None:
    """``preview . -o out`` run twice; a result named by itself is a picture as any other."""
    write(tmp_path / "a.jpg")
    for _ in range(2):
        found = run([tmp_path], SMALL, tmp_path / "out")
    assert [each.file.key for each in found] == ["a.jpg"]
    (named,) = run([tmp_path / "out/processed-a.jpg"], SMALL, tmp_path / "out")
    assert [result.key for result in named.results] == ["processed-processed-a.jpg"]


def test_a_directory_cannot_be_both_source_and_destination(tmp_path: Path) -> None:
    """All in it would be taken for results."""
    write(tmp_path / "a.jpg")
    with pytest.raises(UsageError, match="all pictures lie in") as caught:
        preview.sources([tmp_path], tmp_path)
    assert "-o" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path) -> None:
    """A file stands in its way."""
    write(tmp_path / "file")
    for folder in (tmp_path / "file", tmp_path / "file/out"):
        with pytest.raises(UsageError, match="cannot be written into"):
            preview.prepare(folder)


def test_many_pictures_come_in_order_and_as_from_one_process(tmp_path: Path) -> None:
    """More than one process at work; a damaged one does not stop them."""
    for index in range(12):
        write(tmp_path / f"in/{index:02}.jpg", picture((60 + index, 50), f"#{index * 20:02x}8040"))
    write(tmp_path / "in/05.jpg", picture()[:300])
    found = run([tmp_path / "in"], SMALL, tmp_path / "out")
    assert [each.file.key for each in found] == [f"{index:02}.jpg" for index in range(12)]
    assert [each.file.key for each in found if each.reason] == ["05.jpg"]
    for each in (each for each in found if not each.reason):
        (expected,) = image.render(each.file.path.read_bytes(), SMALL.recipe)
        assert each.results[0].path.read_bytes() == expected.body


@pytest.mark.parametrize("count", [1, 12])
def test_a_watermark_that_cannot_be_used_ends_the_run(tmp_path: Path, count: int) -> None:
    """It would fail on every picture, in one process or several."""
    for index in range(count):
        write(tmp_path / f"in/{index}.jpg", picture((400, 300)))
    settings = overlaid(
        Settings(), {"watermark_image": str(write(tmp_path / "mark.png", b"\x89PNG\r\n\x1a\n"))}
    )
    with pytest.raises(SettingsError, match="the watermark cannot be drawn") as caught:
        run([tmp_path / "in"], settings, tmp_path / "out")
    assert "PNG" in caught.value.hint


def test_the_web_preset_gives_its_six_beside_the_default(tmp_path: Path) -> None:
    """Seven files of one picture."""
    recipe = Recipe((Rendition(), *web_preset(Rendition())))
    (found,) = run(
        [write(tmp_path / "a.jpg", picture((2000, 1500)))],
        Settings(recipe=recipe),
        tmp_path / "out",
    )
    assert [max(r.width, r.height) for r in found.results] == [800, 320, 320, 800, 800, 1600, 1600]
    assert len({result.path for result in found.results}) == 7


def test_a_decoder_that_dies_takes_only_its_own_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the function: the command goes on, and says which."""
    write(tmp_path / "in/a.tiff", picture(kind="TIFF"))
    write(tmp_path / "in/b.jpg")

    def dies(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    monkeypatch.setattr("handler.image.tiff.opened", dies)
    dead, alive = run([tmp_path / "in"], SMALL, tmp_path / "out")
    assert dead.reason == "its decoder was ended by signal 11"
    assert alive.results
