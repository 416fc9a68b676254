"""Many pictures, large ones, many rows, and several commands at once: all accounted for.

How much is the environment's to say: PROOF_UPLOADS, PROOF_LARGE, PROOF_ROWS and PROOF_WORKERS.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from handler.schema import Metadata, Status
from imgpipe.pipeline import Pipeline
from imgpipe.settings import Settings
from tests.support.shell import Shell, embedded, photo

pytestmark = pytest.mark.prove

UPLOADS: Final = [int(n) for n in os.environ.get("PROOF_UPLOADS", "500,5000,20000").split(",")]
LARGE: Final = int(os.environ.get("PROOF_LARGE", "50"))
ROWS: Final = int(os.environ.get("PROOF_ROWS", "100000"))
WORKERS: Final = [int(n) for n in os.environ.get("PROOF_WORKERS", "1,2,4,8").split(",")]
# Whatever else the machine does; a picture takes far less, large or small.
SECONDS_A_PICTURE: Final = 10.0
SECONDS: Final = 300.0

# A process begins with the peak of whoever started it, so that is a small one.
MEASURE: Final = (
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(code)\n"
)

Record = Callable[[str, object], None]


class Run(NamedTuple):
    """How a command ended: what it printed, its peak of memory in MB, and its seconds."""

    said: str
    megabytes: float
    seconds: float
    to_first_byte: float


def measured(shell: Shell, seconds: float, *arguments: str) -> Run:
    """Run a command to its end, at most so long; it must end well."""
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "imgpipe", *arguments]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as talk:
        process = subprocess.Popen(
            command,
            cwd=shell.folder,
            env=shell.environ,
            stdout=subprocess.PIPE,
            stderr=talk,
            text=True,
            start_new_session=True,
        )
        killer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        assert process.stdout
        first = process.stdout.read(1)
        to_first_byte = time.monotonic() - began
        said = first + process.stdout.read()
        code = process.wait(seconds)
        killer.cancel()
        talk.seek(0)
        told = talk.read().splitlines()
    assert code == 0, f"{arguments}: {told[-20:]}"
    return Run(said, int(told[-1]) / 1024, time.monotonic() - began, to_first_byte)


def many(folder: Path, count: int, body: bytes) -> Path:
    """Make a folder of so many pictures, which are one file on the disk."""
    folder.mkdir()
    first = folder / "0.jpg"
    first.write_bytes(body)
    for number in range(1, count):
        (folder / f"{number}.jpg").hardlink_to(first)
    return folder


def uploaded(shell: Shell, folder: Path, count: int) -> Run:
    """Upload a folder and follow each picture; all must have been processed."""
    limit, prefix = SECONDS + SECONDS_A_PICTURE * count, ("--prefix", folder.name)
    run = measured(shell, limit, "--output", "json", "--local", "upload", str(folder), *prefix)
    results = json.loads(run.said)["data"]
    assert [each["status"] for each in results] == ["processed"] * count
    return run


def told(record: Record, what: str, run: Run, count: int) -> None:
    """Say a run's figures."""
    record(f"pictures loaded/{what}", count)
    figures = f"{run.seconds:.0f}, {count / run.seconds:.1f}, {run.megabytes:.0f}"
    record(f"{what}: seconds, pictures a second, MB at most", figures)


def test_many_pictures_are_accounted_for_in_as_much_memory_as_few(
    pipeline: Shell, tmp_path: Path, record_property: Record
) -> None:
    """The client's peak grows by a fifth at most from the fewest to the most."""
    runs = {
        count: uploaded(pipeline, many(tmp_path / str(count), count, photo(80, 60)), count)
        for count in UPLOADS
    }
    for count, run in runs.items():
        told(record_property, f"{count} small", run, count)
    assert runs[UPLOADS[-1]].megabytes <= 1.2 * runs[UPLOADS[0]].megabytes


@pytest.mark.parametrize("workers", WORKERS)
def test_pictures_are_accounted_for_by_any_number_of_workers(
    pipeline: Shell, tmp_path: Path, record_property: Record, workers: int
) -> None:
    """So many invocations at once; the first picture of each is a cold start."""
    pipeline.run("local", "stop")
    pipeline.run("local", "start", "--concurrency", str(workers))
    count = UPLOADS[0]
    run = uploaded(pipeline, many(tmp_path / f"by-{workers}", count, photo(80, 60)), count)
    told(record_property, f"{count} small by {workers} workers", run, count)


def test_large_pictures_are_accounted_for(
    pipeline: Shell, tmp_path: Path, record_property: Record
) -> None:
    """Of 24 megapixels."""
    run = uploaded(pipeline, many(tmp_path / "large", LARGE, photo(6000, 4000)), LARGE)
    told(record_property, f"{LARGE} of 24 MP", run, LARGE)


def test_two_uploads_a_setup_and_a_list_at_once(
    pipeline: Shell, tmp_path: Path, record_property: Record
) -> None:
    """None comes in another's way."""
    count = max(1, UPLOADS[0] // 10)
    folders = [many(tmp_path / name, count, photo(80, 60)) for name in ("one", "two")]
    commands = [
        *(["upload", str(each), "--prefix", each.name] for each in folders),
        ["setup"],
        ["list-metadata"],
    ]
    processes = [pipeline.start("--local", *each) for each in commands]
    for command, process in zip(commands, processes, strict=True):
        _, stderr = process.communicate(timeout=SECONDS + SECONDS_A_PICTURE * 2 * count)
        assert process.returncode == 0, f"{command}: {stderr}"
    rows = pipeline.stream("--local", "list-metadata", "--prefix", "one/")
    assert len(rows) == count
    record_property("pictures loaded/at once", 2 * count)


def write(dynamodb: Any, table: str, count: int) -> None:
    """Let a table have so many rows."""
    for start in range(0, count, 25):
        rows = [
            Metadata(
                filename=f"processed-{number:06}.jpg",
                size=9,
                timestamp=f"2026-01-01T00:00:{number % 60:02}.000+00:00",
                status=Status.PROCESSED,
                source_key=f"{number:06}.jpg",
            )
            for number in range(start, min(start + 25, count))
        ]
        requests = [{"PutRequest": {"Item": row.to_item()}} for row in rows]
        dynamodb.batch_write_item(RequestItems={table: requests})


def test_many_rows_are_listed_as_they_are_read(pipeline: Shell, record_property: Record) -> None:
    """In as much memory as few; the first line comes long before the last."""
    aws = embedded(pipeline.state)
    name = Pipeline.of(Settings(local=True), aws).names.table
    few = measured(pipeline, SECONDS, "--output", "csv", "--local", "list-metadata")
    write(aws.client("dynamodb"), name, ROWS)
    run = measured(pipeline, 4 * SECONDS, "--output", "csv", "--local", "list-metadata")
    assert len(run.said.splitlines()) > ROWS
    record_property("rows listed", ROWS)
    seconds = f"{run.to_first_byte:.1f}, {run.seconds:.0f}"
    record_property("seconds to the first row and the last", seconds)
    record_property("MB at most", f"{run.megabytes:.0f}")
    assert run.megabytes <= 1.2 * few.megabytes
