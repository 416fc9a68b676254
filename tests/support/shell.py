"""imgpipe as a user runs it: as a process, on an embedded AWS that stops with the test."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from PIL import Image, ImageDraw

from imgpipe import local
from imgpipe.aws.account import Aws, Credentials, connect
from imgpipe.engine.graph import finals
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings

TIMEOUT = 180.0


@dataclass(frozen=True)
class Shell:
    """A person's shell: a working directory, and an environment without any AWS credentials."""

    folder: Path
    state: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """The environment every command runs in."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "IMGPIPE_"))
        }
        kept["IMGPIPE_CACHE_DIR"] = os.environ["IMGPIPE_CACHE_DIR"]
        return {
            **kept,
            "IMGPIPE_STATE_DIR": str(self.state),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONPATH": str(Path.cwd()),
            **self.extra,
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start ``imgpipe`` with these arguments."""
        command = [sys.executable, "-m", "imgpipe", *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environ, text=True, **{**pipes, **options}
        )

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run ``imgpipe`` to its end and expect this exit code."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
        assert process.returncode == code, (
            f"imgpipe {' '.join(arguments)} -> {process.returncode}\n{stdout}\n{stderr}"
        )
        assert "Traceback" not in stderr
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run ``imgpipe --output json`` and return the data of the one envelope that it prints."""
        return opened(self.run("--output", "json", *arguments, code=code).stdout)

    def stream(self, *arguments: str, code: int = 0) -> list[Any]:
        """Run ``imgpipe --output json`` and return the data of its envelopes, one a line."""
        text = self.run("--output", "json", *arguments, code=code).stdout
        return [opened(line) for line in text.splitlines()]

    def error(self, *arguments: str, code: int) -> Any:
        """Run ``imgpipe --output json``; return the error of the one envelope on stderr."""
        done = self.run("--output", "json", *arguments, code=code)
        return opened(done.stderr, "error")


class Lines:
    """What a process writes to stdout, a line after the other, never waited for in vain."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: SimpleQueue[str] = SimpleQueue()
        Thread(target=self._read, args=(process,), daemon=True).start()

    def next(self) -> str:
        """Return the next line, empty after the last; ``queue.Empty`` where none comes."""
        return self._lines.get(timeout=TIMEOUT)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        while line := process.stdout.readline():
            self._lines.put(line)
        self._lines.put("")


def opened(text: str, key: str = "data") -> Any:
    """Return what the envelope ``text`` holds under ``key``; it must have no other content."""
    envelope = json.loads(text)
    assert set(envelope) == {"imgpipe", "command", key}, text
    assert envelope["imgpipe"] == 1
    return envelope[key]


def embedded(state: Path) -> Aws:
    """The account of the embedded AWS that keeps its state there."""
    emulator = local.start(state)
    return connect(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=Credentials(emulator.access_key, emulator.secret_key),
    )


def pipeline_in(shell: Shell) -> Pipeline:
    """The pipeline of the embedded AWS of ``shell``, with every default."""
    return Pipeline.of(Settings(local=True), embedded(shell.state))


def bring_about(shell: Shell) -> None:
    """Bring the pipeline about as ``setup --reset`` would, without a process of its own."""
    deployment.raise_for_failures(list(finals(deployment.setup(pipeline_in(shell)))), "setup")


def outputs(shell: Shell) -> dict[str, str]:
    """What ``setup`` prints of the pipeline that stands in ``shell``."""
    pipeline = pipeline_in(shell)
    return asdict(deployment.outputs(pipeline, deployment.plan(pipeline).events))


def shell_in(folder: Path) -> Iterator[Shell]:
    """Yield a shell in ``folder``; its embedded AWS stops with it."""
    (folder / "work").mkdir()
    state = folder / "state"
    try:
        yield Shell(folder / "work", state)
    finally:
        local.stop(state)


def photo(width: int = 1600, height: int = 1200, form: str = "JPEG", **options: Any) -> bytes:
    """A picture with a red top half and a blue bottom half and some detail."""
    picture = Image.new("RGB", (width, height), "blue")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, width, height // 2 - 1), fill="red")
    for x in range(0, width, 40):
        pen.line((x, 0, width - x, height), fill=(x % 255, 80, 120))
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def sideways(width: int = 800, height: int = 1200) -> bytes:
    """A portrait stored lying on its side, with the EXIF orientation (6) that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return photo(height, width, exif=exif)


Photos = Callable[[Mapping[str, bytes]], list[Path]]
