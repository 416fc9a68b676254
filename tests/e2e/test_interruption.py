"""Commands interrupted with real signals, and what the next run makes of what they left."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from imgpipe.aws.account import Aws
from tests.support.shell import Shell, embedded, outputs, photo
from tests.support.standing import standing

# A quiet machine ends within half a second.
SOON = 10.0


@pytest.fixture(scope="module")
def root(shared_shell: Shell) -> Aws:
    """The embedded AWS all the tests of this module share, empty at first."""
    return embedded(shared_shell.state)


def wait_until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Look until ``true``."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def interrupted(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send the signal; the process must end soon. Its exit code and what it said."""
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=SOON)
    assert "Traceback" not in stderr
    return process.returncode, stdout, stderr


def exists(aws: Aws, what: str) -> Callable[[], bool]:
    """Says whether the account has any of ``what`` yet."""
    return lambda: what in standing(aws)


@pytest.mark.parametrize(
    "resources", [pytest.param(number, marks=pytest.mark.prove) for number in (1, 13)] + [11]
)
def test_ctrl_c_in_the_middle_of_setup(shared_shell: Shell, resources: int) -> None:
    """Early, while the layer is built, late: exit code 130, one sentence, soon; then it goes on."""
    process = shared_shell.start("--local", "setup")
    assert process.stderr
    for _ in range(resources):
        assert process.stderr.readline()
    code, stdout, stderr = interrupted(process, signal.SIGINT)
    assert (code, stdout) == (130, "")
    assert stderr.endswith(
        "\nError: interrupted\n  Next: run the same command again: it begins with what is there\n"
    )
    shared_shell.run("--local", "setup")
    assert shared_shell.json("--local", "status")["in_sync"] is True
    shared_shell.run("--local", "teardown", "--yes")


def test_ctrl_c_while_uploading(pipeline: Shell) -> None:
    """Neither the sending of many nor the waiting for their results holds it up."""
    folder = pipeline.folder / "many"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.jpg").write_bytes(photo(40, 30))
    process = pipeline.start("--local", "upload", "many")
    assert process.stderr
    assert "Uploaded" in process.stderr.readline()
    code, stdout, stderr = interrupted(process, signal.SIGINT)
    assert (code, stdout) == (130, "")
    assert stderr.endswith("run it again with --skip-existing: it sends what is not there yet\n")


@pytest.mark.parametrize(
    "command", [["--local", "logs", "--since", "1h", "--follow"], ["local", "logs", "--follow"]]
)
def test_ctrl_c_is_how_following_a_log_ends(pipeline: Shell, command: list[str]) -> None:
    """No complaint, exit code 0."""
    process = pipeline.start(*command)
    assert process.stdout
    assert process.stdout.readline()
    code, _, stderr = interrupted(process, signal.SIGINT)
    assert (code, stderr) == (0, "")


@pytest.mark.prove
def test_a_download_that_is_killed_is_finished_by_the_next(pipeline: Shell, root: Aws) -> None:
    """SIGKILL, three times over: nothing half-written ever has its name, and the end is whole."""
    bucket = outputs(pipeline)["source_bucket"]
    body = random.Random(1).randbytes(100_000_000)
    root.client("s3").put_object(Bucket=bucket, Key="large.raw", Body=body)
    home = pipeline.folder / "home"
    download = ("--local", "download", "large.raw", "--original", "--to", "home")
    for least in (1, 30_000_000, 60_000_000):
        kill_at(pipeline.start(*download), home, least)
        assert not (home / "large.raw").exists() or (home / "large.raw").read_bytes() == body
    pipeline.run(*download)
    assert (home / "large.raw").read_bytes() == body
    assert [each.name for each in home.iterdir()] == ["large.raw"]


def kill_at(process: subprocess.Popen[str], home: Path, least: int) -> None:
    """Kill a download once so many bytes of what is not whole lie in its folder."""

    def begun() -> bool:
        parts = home.glob(".imgpipe-download/*.part")
        with suppress(FileNotFoundError):  # it has just become whole
            return sum(each.stat().st_size for each in parts) >= least
        return True

    wait_until(lambda: begun() or process.poll() is not None)
    process.kill()
    process.communicate(timeout=SOON)


def test_two_setups_at_once_end_well(shared_shell: Shell) -> None:
    """Both succeed, or say how to go on; then all is in sync."""
    shared_shell.run("--local", "teardown", "--yes")
    pair = [shared_shell.start("--local", "setup") for _ in range(2)]
    for process in pair:
        _, stderr = process.communicate(timeout=120)
        assert "Traceback" not in stderr
        assert process.returncode == 0 or "imgpipe --local setup" in stderr
    shared_shell.run("--local", "setup")
    assert shared_shell.json("--local", "status")["in_sync"] is True


def test_a_teardown_that_is_killed_is_finished_by_the_next(pipeline: Shell, root: Aws) -> None:
    """SIGKILL, and whatever it held is let go."""
    process = pipeline.start("--local", "teardown", "--yes")
    wait_until(lambda: not exists(root, "functions")())
    process.kill()
    process.communicate(timeout=SOON)
    pipeline.run("--local", "teardown", "--yes")
    assert standing(root) == {}


def test_a_setup_that_is_killed_is_finished_by_the_next(shared_shell: Shell, root: Aws) -> None:
    """SIGKILL leaves things half made; the next run knows them for its own."""
    shared_shell.run("--local", "teardown", "--yes")
    process = shared_shell.start("--local", "setup")
    wait_until(exists(root, "queues"))
    process.kill()
    process.communicate(timeout=SOON)
    shared_shell.run("--local", "setup")
    assert shared_shell.json("--local", "status")["in_sync"] is True
