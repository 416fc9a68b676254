"""What is around a command: the embedded AWS missing, crowded out or killed; terminals."""

from __future__ import annotations

import os
import pty
import signal
import site
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from imgpipe import local
from tests.support.shell import Shell
from tests.support.terminal import read_all


def test_the_embedded_aws_is_not_installed(shared_shell: Shell, tmp_path: Path) -> None:
    """In a Python that has everything but ministack: what to install."""
    for folder in site.getsitepackages():
        for package in Path(folder).iterdir():
            if not package.name.startswith("ministack"):
                (tmp_path / package.name).symlink_to(package)
    path = os.pathsep.join([shared_shell.environ["PYTHONPATH"], str(tmp_path)])
    command = [sys.executable, "-S", "-m", "imgpipe", "--local", "status"]
    environ = {**shared_shell.environ, "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=shared_shell.folder, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "Error: the embedded AWS is not installed\n  Next: pip install 'imgpipe[local]'\n"
    )


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_for_terminals_that_want_them(
    shared_shell: Shell, no_color: str, coloured: bool
) -> None:
    """On a terminal, unless NO_COLOR (https://no-color.org) is set."""
    leader, follower = pty.openpty()
    shell = replace(shared_shell, extra={"NO_COLOR": no_color, "TERM": "xterm-256color"})
    process = shell.start("--local", "status", stdout=follower)
    os.close(follower)
    shown = read_all(leader)
    process.wait(timeout=60)
    assert b"missing" in shown
    assert (b"\x1b[31m" in shown) is coloured


@contextmanager
def another_program(port: int) -> Iterator[None]:
    """Somebody else's web server there; it refuses whatever it is asked."""
    with ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield
        finally:
            server.shutdown()


def test_a_port_that_is_taken(shell: Shell) -> None:
    """One asked for is refused; where only the last one is taken, a free one does."""
    port = local.start(shell.state).port
    local.stop(shell.state)
    with another_program(port):
        assert (
            f"port {port} cannot be used"
            in shell.run("local", "start", "--port", str(port), code=1).stderr
        )
        shell.run("--local", "status")
        assert local.start(shell.state).port != port


def test_the_embedded_aws_killed_behind_our_back(shared_shell: Shell) -> None:
    """The next command starts it again."""
    os.kill(local.start(shared_shell.state).pid, signal.SIGKILL)
    assert shared_shell.json("--local", "status")["in_sync"] is False


def test_a_watermark_file_that_is_gone_stops_only_those_who_need_it(
    pipeline: Shell, tmp_path: Path
) -> None:
    """Whoever looks at the pipeline, or takes it away, never reads it."""
    elsewhere = replace(pipeline, folder=tmp_path)
    settings = tmp_path / "imgpipe.toml"
    settings.write_text('[watermark]\nimage = "mark.png"\n')
    for command in (["setup"], ["setup", "--dry-run"]):
        refused = elsewhere.run("--local", *command, code=3)
        assert "mark.png does not exist" in refused.stderr
    assert "mark.png is not there" in elsewhere.run("--local", "status").stderr
    for command in (["logs"], ["list-metadata"], ["local", "status"]):
        elsewhere.run("--local", *command)
