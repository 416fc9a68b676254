"""Runs pictures in a child under the function's limits, and names what was wrong with each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Final

from tests.support.hostile.child import REQUEST, SECONDS

# DynamoDB's items, log lines and a person's screen: a reason is a sentence.
LONGEST_REASON: Final = 300


@dataclass
class Confined:
    """The child, started anew when an input has ended it; ``controls`` are sound pictures."""

    controls: Sequence[bytes]
    counts: dict[str, int] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def fault(self, data: bytes, recipe: int, control: bytes, seconds: float = SECONDS) -> str:
        """Return what was wrong with rendering ``data`` and then ``control``; empty: nothing."""
        process = self._process = self._process or self._started()
        answer = _asked(
            process, REQUEST.pack(recipe, seconds, len(data), len(control)), data + control
        )
        if answer is None:
            code = process.wait(timeout=60)
            self.close()
            self._count("ended")
            return f"ended the process with {code}"
        fault = wrong(answer)
        self._count("processed" if "digest" in answer else "rejected")
        return fault

    def close(self) -> None:
        """End the child."""
        if self._process:
            for stream in (self._process.stdin, self._process.stdout):
                if stream:
                    stream.close()
            self._process.wait(timeout=60)
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        # One arena and small stacks: address space that nobody uses must not count as memory.
        environ = {**os.environ, "MALLOC_ARENA_MAX": "1", "PYTHONPATH": os.getcwd()}  # noqa: PTH109
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.hostile.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ,
        )  # fmt: skip
        for control in self.controls:
            answer = _asked(process, REQUEST.pack(0, SECONDS, 0, len(control)), control)
            assert answer is not None
            assert answer["intact"]
        return process

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


@contextmanager
def confined(controls: Sequence[bytes]) -> Iterator[Confined]:
    """Yield a child that has rendered ``controls`` before anything hostile."""
    child = Confined(controls)
    try:
        yield child
    finally:
        child.close()


def _asked(process: subprocess.Popen[bytes], head: bytes, body: bytes) -> dict[str, Any] | None:
    """Return the child's answer, ``None`` where it has ended."""
    try:
        _pipe(process.stdin).write(head + body)
        _pipe(process.stdin).flush()
    except BrokenPipeError:
        return None
    line = _pipe(process.stdout).readline()
    return json.loads(line) if line else None


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream
    return stream


def wrong(answer: dict[str, Any]) -> str:
    """Return what is wrong with an answer of ``child``'s; empty: nothing."""
    if "escaped" in answer:
        return str(answer["escaped"])
    if not answer["intact"]:
        return "the next picture came out differently"
    if answer.get("exhausted"):
        return "took all memory, which was not refused before"
    sentences = answer["warnings"] if "digest" in answer else [answer["reason"]]
    return next((f"is no reason: {each!r:.600}" for each in sentences if not _tells(each)), "")


def _tells(sentence: str) -> bool:
    """Say whether a reason or a warning is a sentence that a person can read."""
    return 0 < len(sentence) <= LONGEST_REASON and sentence.isprintable()
