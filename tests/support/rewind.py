"""The embedded AWS put back to how it stood: in a second, where bringing that about takes many."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from imgpipe import local
from imgpipe.local import state as states

SECONDS: Final = 30.0
LONG_AGO: Final = "2026-01-01T00:00:00.000Z"


def keep(state: Path, place: Path) -> None:
    """Stop the embedded AWS of ``state``; keep in ``place`` all that stands there."""
    local.stop(state)
    shutil.copytree(state / states.DATA, place)


def age(place: Path) -> None:
    """Let what is kept in ``place`` have been put into its buckets long ago."""
    for path in place.glob("objects/**/*.meta.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "last_modified": LONG_AGO}))


def put_back(state: Path, place: Path) -> None:
    """Let what was kept in ``place`` stand again, and nothing else, at the same URL."""
    if emulator := local.find(state):
        os.kill(emulator.pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while states.running(state):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    shutil.rmtree(state / states.DATA, ignore_errors=True)  # a new one has none
    shutil.copytree(place, state / states.DATA)
    local.start(state)
