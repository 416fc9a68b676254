"""A folder of one's own through the core: every file has a fate, and the report tells it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from bench.survive import Fate, Survivor, fates, report
from imgpipe.settings import Settings
from tests.support.pictures import quarters, saved


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Fate]:
    """What became of four files."""
    folder = tmp_path_factory.mktemp("pictures")
    files = {
        "sound.jpg": saved(quarters(), "JPEG", quality=95),
        "cut.png": saved(quarters(), "PNG")[:200],
        "letter.txt": b"Dear",
        "scan.tif": saved(quarters(), "TIFF"),
    }
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return list(fates(sorted(folder.iterdir()), Settings()))


def test_every_file_has_a_fate(found: list[Fate]) -> None:
    """In the order of the folder, each with what it took."""
    told = {fate.path.name: fate.word for fate in found}
    assert told == {
        "cut.png": "rejected", "letter.txt": "rejected", "scan.tif": "survived",
        "sound.jpg": "survived",
    }  # fmt: skip
    sound = found[-1].figures
    assert 0 < sound["cpu"] < 60
    assert 10 < sound["peak"] < sound["estimate"] < 448


def test_chromium_judges_what_it_shows(found: list[Fate]) -> None:
    """A JPEG, where it is installed; never a TIFF."""
    apart = {fate.path.name: fate.apart for fate in found}
    assert apart["scan.tif"] is None
    assert apart["sound.jpg"] is None or apart["sound.jpg"] < 3


def test_the_report_tells_counts_and_reasons(found: list[Fate]) -> None:
    """Each reason with how many files have it."""
    lines = report(found).splitlines()
    assert lines[0] == "## 4 files"
    assert "| survived | 2 |" in lines
    assert "| not an image of a known format | 1 |" in lines
    assert "| damaged: the file ends early | 1 |" in lines


def test_a_file_that_ends_the_process_does_not_end_the_others(tmp_path: Path) -> None:
    """It is told, and the next one has a new process."""
    program = "import sys; line = input(); print('{}') if 'sound' in line else sys.exit(3)"
    with Survivor(tmp_path, Settings()) as survivor:
        survivor._command = [sys.executable, "-c", program]
        survivor._process.kill()
        survivor._process.wait()
        survivor._start()
        assert survivor.tried(Path("deadly"))["fault"].startswith("the process ended (3)")
        assert survivor.tried(Path("sound")) == {}


def test_what_a_decoder_takes_in_a_process_of_its_own_is_counted(tmp_path: Path) -> None:
    """As the core runs those of TIFF: a large one took more than a small one."""
    peaks = []
    for side in (8, 4000):
        path = tmp_path / f"{side}.tif"
        path.write_bytes(saved(Image.new("L", (side, side)), "TIFF", compression="tiff_lzw"))
        (fate,) = fates([path], Settings())
        peaks.append(fate.figures["peak"])
    assert peaks[0] + 10 < peaks[1]
