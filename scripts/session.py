"""Record the session that the README opens with: real commands on the embedded AWS, as a picture.

``python -m scripts.session`` writes docs/session.svg. A test runs the same commands, and holds the
picture's words against what they say.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from scripts.landscapes import drawn
from tests.support.shell import Shell, shell_in

SVG: Final = Path(__file__).parent.parent / "docs" / "session.svg"
PHOTO: Final = "photo.jpg"
COMMANDS: Final = ("setup", f"upload {PHOTO}")
_COLUMNS: Final = 84
# Resources that are shown of a setup; the others are counted.
_SHOWN: Final = 6
_TERMINAL: Final = {
    "IMGPIPE_LOCAL": "1",
    "TTY_COMPATIBLE": "1",
    "TERM": "xterm-256color",
    "COLUMNS": str(_COLUMNS),
    "LINES": "60",
    "NO_COLOR": "",
}
# What is drawn again and again stands between hiding and showing the cursor, and is then erased.
_DRAWN: Final = re.compile(r"\x1b\[\?25l.*?\x1b\[\?25h", re.DOTALL)
_ERASED: Final = re.compile(r"\x1b\[1A|\x1b\[2K|\r")
# They would be fetched from elsewhere, which a README's pictures may not do.
_FONTS: Final = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def main() -> None:
    """Write docs/session.svg."""
    os.environ.setdefault("IMGPIPE_CACHE_DIR", str(Path.home() / ".cache" / "imgpipe"))
    with tempfile.TemporaryDirectory() as folder, contextmanager(shell_in)(Path(folder)) as shell:
        SVG.write_text(picture(recorded(shell)), encoding="utf-8")


def recorded(shell: Shell) -> list[str]:
    """Run the session's commands in ``shell``; return the lines that a terminal then shows."""
    drawn(0).save(shell.folder / PHOTO, quality=90)
    return [line for command in COMMANDS for line in _run(shell, command)]


def picture(lines: Sequence[str]) -> str:
    """Return an SVG of a terminal with these lines, colours and all."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), legacy_windows=False)
    for line in lines:
        console.print(Text.from_ansi(line), soft_wrap=True, highlight=False)
    return console.export_svg(
        title="imgpipe", code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT), unique_id="session"
    )


def words(svg: str) -> list[str]:
    """Return the words of a picture, without what is another each time: times, addresses, ids.

    And without sizes, which another processor's resampling makes a little otherwise.
    """
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    text = " ".join(each.replace("&#160;", " ") for each in texts)
    told = re.sub(
        r"https?://\S+|\b[A-Z0-9]{13,14}\b|\S*…\S*|\(\d+\.\d s\)|in [\d.]+ s\.|[\d.]+ kB", "", text
    )
    return told.split()


def _run(shell: Shell, command: str) -> Iterator[str]:
    process = replace(shell, extra={**shell.extra, **_TERMINAL}).start(
        *command.split(), stderr=subprocess.STDOUT
    )
    text, _ = process.communicate(timeout=180)
    yield f"\x1b[1m$ imgpipe {command}\x1b[0m"
    yield from _shortened(_ERASED.sub("", _DRAWN.sub("", text)).lstrip("\n").splitlines())
    yield ""


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """Yield the ``lines`` with most of a setup's resources left out, and how many they are."""
    resources = [line for line in lines if "created" in line]
    for line in lines:
        if line not in resources[_SHOWN:]:
            yield line
        elif line == resources[-1]:
            yield f"\x1b[2m⋮            {len(resources) - _SHOWN} more\x1b[0m"


if __name__ == "__main__":
    main()
