"""``imgpipe local ...`` as processes that share nothing but the state directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import imgpipe
from imgpipe import local

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory for one embedded AWS, which is stopped in the end."""
    yield tmp_path / "state"
    local.stop(tmp_path / "state")


def run(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``imgpipe local`` on ``state``, without a terminal."""
    root = Path(imgpipe.__file__).parents[1]
    environment = {**os.environ, "IMGPIPE_STATE_DIR": str(state)}
    command = [sys.executable, "-m", "imgpipe", "local", *arguments]
    return subprocess.run(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_commands_one_after_another(state: Path) -> None:
    """Start, status, env, logs, reset and stop do what they say, each in a process of its own."""
    assert "imgpipe --local setup" in run(state, "start").stderr
    emulator = local.find(state)
    assert emulator is not None
    shown = json.loads(run(state, "status", "--output", "json").stdout)
    assert shown["data"] == {
        "running": True,
        "state": str(state),
        "url": emulator.url,
        "pid": emulator.pid,
        "account": "000000000000",
        "region": "us-east-1",
    }
    assert f"export AWS_SECRET_ACCESS_KEY={emulator.secret_key}\n" in run(state, "env").stdout
    assert "Ready" in run(state, "logs").stdout
    assert "empty" in run(state, "reset", "--yes").stderr
    assert local.find(state) is None
    assert "was not running" in run(state, "stop").stderr


def test_the_shells_lines_lead_any_sdk_past_a_proxy(state: Path) -> None:
    """What the shell excepted from its proxy before stays excepted."""
    lines = run(state, "env").stdout
    asked = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    reached = subprocess.run(
        ["sh", "-euc", 'eval "$0"; "$1" -c "$2"; echo "$no_proxy"', lines, sys.executable, asked],
        env={"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "intra.example", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    assert reached.stdout.split() == ["000000000000", "127.0.0.1,intra.example"]


def test_status_of_nothing_names_the_next_command(state: Path) -> None:
    """Before the first start, status is no error, makes nothing, and says how to start."""
    shown = run(state, "status")
    assert shown.returncode == 0
    assert "imgpipe local start" in shown.stderr
    assert not state.exists()


def test_a_reset_without_a_terminal_needs_yes(state: Path) -> None:
    """Nobody is there to ask: nothing is deleted, and the error says what to add."""
    (state / "data").mkdir(parents=True)
    refused = run(state, "reset")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert (state / "data").exists()


def test_hostile_log_lines_do_not_reach_the_terminal(state: Path) -> None:
    """Control characters in a logged name are shown, not sent."""
    state.mkdir()
    (state / "log").write_text("name \x1b]0;owned\x07 end\n")
    shown = run(state, "logs").stdout
    assert "\x1b" not in shown
    assert "owned" in shown
