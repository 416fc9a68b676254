"""``imgpipe preview`` as people run it."""

from __future__ import annotations

import inspect
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import imgpipe
from handler import image
from handler.recipe import Limits, Recipe, Rendition, Watermark
from imgpipe.cli import run
from imgpipe.cli.preview import command
from tests.support.shell import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

ROOT = Path(imgpipe.__file__).parent.parent


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a picture in the working directory, which has no imgpipe.toml."""
    monkeypatch.chdir(tmp_path)
    stream = BytesIO()
    Image.linear_gradient("L").resize((900, 700)).convert("RGB").save(stream, "JPEG")
    (tmp_path / "photo.jpg").write_bytes(stream.getvalue())
    return tmp_path / "photo.jpg"


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """Run the command and return its first picture's renditions."""
    assert run(["preview", "photo.jpg", "-o", "out", "--output", "json", *arguments]) == 0
    (picture,) = opened(capsys.readouterr().out)
    renditions: list[dict[str, object]] = picture["renditions"]
    return renditions


def test_every_picture_setting_is_an_option() -> None:
    """A field added to the recipe is an option at once; a rendition's name is none."""
    expected = {field.name for field in fields(Rendition)} - {"name"}
    expected |= {f"watermark_{field.name}" for field in fields(Watermark)}
    expected |= {f"limits_{field.name}" for field in fields(Limits)}
    assert expected <= set(inspect.signature(command).parameters)


def test_the_result_is_the_functions_own(photo: Path) -> None:
    """The same bytes as the handler's picture core gives."""
    assert run(["preview", "photo.jpg", "-o", "out"]) == 0
    assert (
        Path("out/processed-photo.jpg").read_bytes()
        == image.render(photo.read_bytes(), Recipe())[0].body
    )


def test_options_go_over_the_file_and_the_preset(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every kind of option once: number, choice, switch, watermark, limit."""
    photo.with_name("imgpipe.toml").write_text(
        "[picture]\nwidth = 300\nquality = 60\n[[rendition]]\nname = 'small'\nwidth = 50\n"
    )
    assert [each["width"] for each in made(capsys)] == [300, 50]
    assert [each["width"] for each in made(capsys, "--width", "200")] == [200, 200]
    assert len(made(capsys, "--preset", "web")) == 8
    options = [
        "--format",
        "webp",
        "--no-watermark",
        "--limits-formats",
        "jpeg",
        "--limits-formats",
        "png",
    ]
    first, second = made(capsys, *options)
    assert (first["key"], second["key"]) == (
        "processed-photo.jpg.webp",
        "processed-photo--small.jpg.webp",
    )
    wanted = Recipe((Rendition(width=300, quality=60, format="webp", watermark=None),))
    assert Path(str(first["path"])).read_bytes() == image.render(photo.read_bytes(), wanted)[0].body
    marked = made(capsys, "--width", "300", "--watermark-text", "mine", "--watermark-tiled")
    wanted = Recipe(
        (Rendition(width=300, quality=60, watermark=Watermark(text="mine", tiled=True)),)
    )
    assert (
        Path(str(marked[0]["path"])).read_bytes()
        == image.render(photo.read_bytes(), wanted)[0].body
    )


@pytest.mark.usefixtures("photo")
@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            ["photo.jpg", "-o", "out", "--width", "0"],
            3,
            "Error: --width is 0\n  Next: allowed are whole numbers from 1 to 16383\n",
        ),
        (
            ["photo.jpg", "-o", "out", "--preset", "x"],
            3,
            "Error: --preset is 'x'\n  Next: allowed are none, web\n",
        ),
        (["missing.jpg", "-o", "out"], 2, "Error: missing.jpg does not exist\n"),
        (
            ["photo.jpg", "-o", "photo.jpg"],
            2,
            "Error: photo.jpg cannot be written into: File exists\n",
        ),
        (["photo.jpg"], 2, "Error: there is no terminal"),
        (
            ["photo.jpg", "-o", "out", "--limits-pixels", "9"],
            4,
            "Error: 1 of 1 pictures gave no result\n",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_exit_code(
    capsys: pytest.CaptureFixture[str], arguments: Sequence[str], code: int, error: str
) -> None:
    """3 for a setting, 2 for a file, 4 for pictures without a result."""
    assert run(["preview", *arguments]) == code
    assert error in capsys.readouterr().err


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the viewer is xdg-open's on Linux alone"
)
@pytest.mark.parametrize(
    ("arguments", "opened"), [([], "processed-photo.jpg"), (["--preset", "web"], "")]
)
def test_on_a_terminal_the_viewer_opens_the_result(
    photo: Path, arguments: Sequence[str], opened: str
) -> None:
    """Several are shown as their folder. A script stands in for the desktop's viewer."""
    note = photo.with_name("opened")
    viewer = photo.with_name("bin") / "xdg-open"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\necho "$1" > {note}.part; mv {note}.part {note}\n')
    viewer.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{viewer.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(photo.parent),
    }
    ours, terminal = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "imgpipe", "preview", "photo.jpg", *arguments],
        stdout=terminal,
        env=environment,
        check=True,
    )
    assert b"processed-photo.jpg" in os.read(ours, 10_000)
    deadline = time.monotonic() + 10
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    (folder,) = photo.parent.glob("imgpipe-preview-*")
    assert note.read_text().strip() == str(folder / opened)
    assert (folder / "processed-photo.jpg").exists()


@pytest.mark.parametrize("sign", ["out", "out/processed-000.jpg"])
def test_ctrl_c_ends_all_processes_without_a_traceback(photo: Path, sign: str) -> None:
    """A terminal sends it to every process: while several start, and while they are busy."""
    Path("in").mkdir()
    for index in range(300):
        Path(f"in/{index:03}.jpg").hardlink_to(photo)
    line = [sys.executable, "-m", "imgpipe", "preview", "in", "-o", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        line,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        start_new_session=True,
    ) as preview:
        deadline = time.monotonic() + 30
        while not Path(sign).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        os.killpg(preview.pid, signal.SIGINT)
        _, error = preview.communicate(timeout=30)
    assert preview.returncode == 130
    assert "Traceback" not in error
    assert len(list(Path("out").iterdir())) < 300


def test_the_command_line_loads_neither_pillow_nor_rich_nor_boto3() -> None:
    """``--help`` must not pay for what it does not use, though every picture setting is in it."""
    code = "import sys, imgpipe.cli.preview; print({'PIL', 'rich', 'boto3'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
