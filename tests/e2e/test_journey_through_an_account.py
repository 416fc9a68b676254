"""``make aws``, as far as it goes without an account: the same steps on the embedded AWS."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scripts import journey
from tests.support.shell import TIMEOUT

if TYPE_CHECKING:
    from tests.support.shell import Shell


@pytest.mark.prove
def test_the_whole_journey_ends_with_nothing_left(shell: Shell) -> None:
    """Every step is told with its time, and the last is the proof."""
    call = [sys.executable, "-m", "scripts.journey", "--local"]
    done = subprocess.run(
        call, env=shell.environ, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    titles = [line.split(" s  ")[1] for line in done.stdout.splitlines()[1:]]
    assert titles == [title for title, _ in (*journey.STEPS, *journey.LAST)]


def test_no_account_is_touched_that_nobody_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the id is asked for."""
    assert journey.refused({}) == (
        "IMGPIPE_JOURNEY_ACCOUNT names no account: nothing is touched without it"
    )
    assert capsys.readouterr() == ("", "")
