"""A terminal of some width in front of a process: what it shows, line by line."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.support.shell import Shell

# Colours, cursor movements, and links: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\")


QUESTION = b"[y/N]: "
NEVER = b""
SILENCE = 180.0


def on_terminal(shell: Shell, *arguments: str, width: int = 80, code: int = 0) -> list[str]:
    """Run ``imgpipe`` with stdout and stderr on a terminal of ``width`` columns; return its lines.

    Of a line that is drawn again and again, such as a progress bar, the last state is returned.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    plain = {"TERM": "xterm-256color", "COLUMNS": "", "TERM_PROGRAM": "", "VTE_VERSION": ""}
    process = replace(shell, extra={**shell.extra, **plain}).start(
        *arguments, stdout=follower, stderr=follower
    )
    os.close(follower)
    text = read_all(leader).decode()
    assert process.wait(timeout=60) == code, text
    return [drawn(line) for line in text.replace("\r\n", "\n").split("\n")]


def drawn(line: str) -> str:
    """Return what is left to see of a line."""
    return _CONTROL.sub("", line).rsplit("\r", maxsplit=1)[-1]


def read_all(descriptor: int) -> bytes:
    """Return what a terminal shows until its last writer is gone, which Linux tells by an error."""
    return read_until(descriptor, NEVER)


def asked(
    shell: Shell, *arguments: str, answer: Callable[[subprocess.Popen[str], int], object]
) -> tuple[int, str]:
    """Run ``imgpipe`` for a person; ``answer`` gets the process and the terminal when it asks.

    Return the exit code and all that was shown, what never came to a question as well.
    """
    leader, follower = pty.openpty()
    process = shell.start(*arguments, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = read_until(leader, QUESTION)
    if shown.endswith(QUESTION):
        answer(process, leader)
        shown += read_all(leader)
    return process.wait(timeout=180), shown.decode()


def press_ctrl_c(process: subprocess.Popen[str], leader: int) -> None:
    """Interrupt ``process`` until something more is shown.

    Python overlooks a signal that comes between its look for one and the read that it waits in.
    """
    for _ in range(60):
        process.send_signal(signal.SIGINT)
        if select.select([leader], [], [], 1)[0]:
            return


def read_until(descriptor: int, end: bytes) -> bytes:
    """Return what a terminal shows up to ``end``; all of it, closed, if that never comes.

    Raises:
        AssertionError: nothing more was shown for ``SILENCE`` seconds, and the writers live.
    """
    shown = b""
    while end is NEVER or not shown.endswith(end):
        assert select.select([descriptor], [], [], SILENCE)[0], shown
        try:
            block = os.read(descriptor, 65536)
        except OSError:
            block = b""
        if not block:
            os.close(descriptor)
            break
        shown += block
    return shown
