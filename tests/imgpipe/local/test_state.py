"""What the embedded AWS leaves on disk, and how its log is read; no process runs here."""

from __future__ import annotations

import fcntl
import stat
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

import imgpipe
from imgpipe import local
from imgpipe.errors import LocalError
from imgpipe.local import state as states
from imgpipe.local.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_the_user_chooses_where_the_state_lives() -> None:
    """IMGPIPE_STATE_DIR wins over the platform's place."""
    assert local.directory({"IMGPIPE_STATE_DIR": "/somewhere", "XDG_STATE_HOME": "/xdg"}) == Path(
        "/somewhere"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="each platform has its own place")
@pytest.mark.parametrize(
    ("xdg", "folder"),
    [
        ("/xdg", "/xdg/imgpipe"),
        ("relative", "~/.local/state/imgpipe"),
        ("", "~/.local/state/imgpipe"),
    ],
)
def test_linux_keeps_state_where_xdg_says(
    monkeypatch: pytest.MonkeyPatch, xdg: str, folder: str
) -> None:
    """As it has been since 0.1; XDG_STATE_HOME counts when it is absolute."""
    monkeypatch.setenv("XDG_STATE_HOME", xdg)
    assert local.directory({}) == Path(folder).expanduser()


def test_nobody_else_can_look_into_the_state(tmp_path: Path) -> None:
    """The directory is its owner's alone even if it was open before, and so is the key file."""
    tmp_path.chmod(0o755)
    states.prepare(tmp_path)
    states.remember(tmp_path, states.Identity(port=1))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "identity.json").stat().st_mode) == 0o600


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the way gives an error that says which variable to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="file") as caught:
        states.prepare(tmp_path / "file")
    assert "IMGPIPE_STATE_DIR" in caught.value.hint


@pytest.mark.parametrize("content", ["", "{", "[]", '{"port": 1, "colour": "red"}', "\udcff"])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, content: str) -> None:
    """Whatever stands in the file, a new identity with new keys comes out."""
    (tmp_path / "identity.json").write_bytes(content.encode(errors="surrogateescape"))
    assert states.identity(tmp_path).port == 0
    assert states.identity(tmp_path).secret_key != states.identity(tmp_path).secret_key


def test_the_identity_is_remembered(tmp_path: Path) -> None:
    """Port and keys come back as they were."""
    known = states.Identity(port=4711)
    states.remember(tmp_path, known)
    assert states.identity(tmp_path) == known


def test_keys_are_never_shown() -> None:
    """Neither value's repr holds a key, so no log or traceback does."""
    shown = repr(states.Identity(1, "AKIAKEY", "SECRET")) + repr(
        Emulator(1, 2, "AKIAKEY", "SECRET")
    )
    assert "AKIAKEY" not in shown
    assert "SECRET" not in shown


def test_the_lock_tells_whether_a_process_runs(tmp_path: Path) -> None:
    """It is free, taken while somebody holds it, and free again the moment they end."""
    assert not states.running(tmp_path / "nowhere")
    with (tmp_path / "lock").open("w") as held:
        assert not states.running(tmp_path)
        fcntl.flock(held, fcntl.LOCK_EX)
        assert states.running(tmp_path)
    assert not states.running(tmp_path)


def test_without_ministack_the_error_says_what_to_install(tmp_path: Path) -> None:
    """An interpreter with little installed can import the module, and start() names the extra."""
    for package in (imgpipe, platformdirs):
        folder = Path(str(package.__file__)).parent
        (tmp_path / folder.name).symlink_to(folder)
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from imgpipe import local\nlocal.start(pathlib.Path(sys.argv[1]) / 'state')"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "LocalError: the embedded AWS is not installed" in run.stderr
    assert not (tmp_path / "state").exists()


def test_exports_are_safe_to_evaluate() -> None:
    """A shell that reads the lines has these variables, and none that would lead elsewhere."""
    emulator = Emulator(4711, 1, "AKIA'$(id)", "a b")
    shown = (
        '"$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "${AWS_PROFILE-unset}"'
    )
    script = f'{local.exports(emulator)}\nprintf "%s|" {shown}'
    said = subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"AWS_PROFILE": "work"},
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout
    assert said == "http://127.0.0.1:4711|AKIA'$(id)|a b|unset|"


def test_the_log_is_read_oldest_line_first(tmp_path: Path) -> None:
    """The older file comes before the newer one; bytes that are no text do no harm."""
    (tmp_path / "log.1").write_bytes(b"one\ntw\xffo\n")
    (tmp_path / "log").write_bytes(b"three\n")
    assert list(local.log_lines(tmp_path)) == ["one", "tw\ufffdo", "three"]


@pytest.mark.parametrize("read", [local.log_lines, local.follow_log])
def test_no_log_yet_says_so(tmp_path: Path, read: Callable[[Path], Iterator[str]]) -> None:
    """Before the first start there is nothing to read, and the next command is named."""
    with pytest.raises(LocalError, match="has not run yet"):
        next(read(tmp_path))


def test_following_goes_on_in_the_next_file(tmp_path: Path) -> None:
    """Half a line is not given out, and nothing written before the file was replaced is lost."""
    log = tmp_path / "log"
    log.write_text("one\ntw")
    lines = local.follow_log(tmp_path)
    assert next(lines) == "one"
    with log.open("a") as stream:
        stream.write("o\nthree\n")
    log.rename(tmp_path / "log.1")
    log.write_text("four\nfive\n")
    assert list(islice(lines, 4)) == ["two", "three", "four", "five"]
