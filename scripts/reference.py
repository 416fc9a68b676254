"""Write docs/cli.md from the command line itself: ``python -m scripts.reference``.

A test holds the file against it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from imgpipe.cli._commands import COMMANDS, GROUPS

TARGET = Path(__file__).parent.parent / "docs" / "cli.md"


def reference() -> str:
    """Return every command's ``--help``, 100 columns wide, in the order of the table."""
    commands = ["", *(row.name for row in COMMANDS), *GROUPS]
    sections = [
        f"## {f'imgpipe {command}'.strip()}\n\n```\n{helped(command)}\n```\n"
        for command in commands
    ]
    head = (
        "# Commands and options",
        "Written by `python -m scripts.reference` from the commands' own `--help`.",
    )
    return "\n\n".join([*head, "\n".join(sections)])


def helped(command: str) -> str:
    """Return what ``imgpipe COMMAND --help`` prints."""
    environ = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    call = [sys.executable, "-m", "imgpipe", *command.split(), "--help"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=environ)
    return done.stdout.strip()


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(reference(), encoding="utf-8")
