"""Where verbs of the core die at a call: the embedded AWS, who kills, and what stands then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from handler.gallery import INDEX_KEY
from imgpipe import local
from imgpipe.aws.account import Aws
from imgpipe.engine.graph import Action
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings
from tests.support.executioner import Executioner, executing
from tests.support.failed import event, record, send, waiting
from tests.support.rewind import age, keep, put_back
from tests.support.shell import Lines, embedded, photo
from tests.support.standing import standing
from tests.support.worker import VERBS, account

# Far more than anything here takes.
SECONDS: Final = 120
PAGE_DATA: Final = "gallery/"
PICTURES: Final = ("one.jpg", "two.jpg", "three.png")

State = Mapping[str, Any]


def until(seen: Callable[[], bool]) -> None:
    """Wait until something is seen, for as long as it may take."""
    deadline = time.monotonic() + SECONDS
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@dataclass(frozen=True)
class Stage:
    """The embedded AWS, who kills in front of it, and the pictures to upload."""

    aws: Aws
    executioner: Executioner
    worker: subprocess.Popen[str]
    said: Lines
    folder: Path
    pictures: tuple[Path, ...]

    @property
    def state_folder(self) -> Path:
        """Where the embedded AWS keeps what stands."""
        return self.folder / "state"

    @property
    def errors(self) -> Path:
        """What the worker's children say of their failures."""
        return self.folder / "errors"

    def pipeline(self) -> Pipeline:
        """The pipeline, reached past the executioner."""
        return Pipeline.of(Settings(local=True), self.aws)

    def begin(self, verb: str) -> None:
        """Bring about what ``verb`` begins with, the first time; then put it back."""
        kept = self.folder / verb
        if not kept.exists():
            self.prepare(verb)
            keep(self.state_folder, kept)
            # What is new is left to the function.
            age(kept)
        put_back(self.state_folder, kept)

    def prepare(self, verb: str) -> None:
        """Bring about what ``verb`` begins with: for setup nothing, else a pipeline, unused."""
        VERBS["teardown" if verb == "setup" else "setup"](self.pipeline(), ())
        if verb in {"upload", "retry", "rm", "reconcile"}:
            self.forget()
        if verb == "rm":
            VERBS["upload"](self.pipeline(), self.pictures)
        if verb in {"retry", "reconcile"}:
            self.unmake()
        if verb == "retry":
            bucket = self.pipeline().names.source_bucket
            records = [record(event(path.name, bucket=bucket)) for path in self.pictures]
            send(self.aws, self.pipeline().names.queue, *records)
        if verb == "reconcile":
            bucket = self.pipeline().names.destination_bucket
            self.aws.client("s3").put_object(Bucket=bucket, Key="processed-stray.jpg", Body=b"")

    def forget(self) -> None:
        """Take every picture, result and row away."""
        names, s3 = self.pipeline().names, self.aws.client("s3")
        for bucket in (names.source_bucket, names.destination_bucket):
            for key in keys(self.aws, bucket) - {"index.html"}:
                s3.delete_object(Bucket=bucket, Key=key)
        table = self.aws.client("dynamodb")
        for row in table.scan(TableName=names.table)["Items"]:
            table.delete_item(TableName=names.table, Key={"filename": row["filename"]})

    def unmake(self) -> None:
        """Leave originals without results."""
        names, s3 = self.pipeline().names, self.aws.client("s3")
        for path in self.pictures:
            s3.put_object(Bucket=names.source_bucket, Key=path.name, Body=path.read_bytes())
        until(lambda: len(self.rows()) == len(self.pictures))
        for row in self.rows():
            name = row["filename"]["S"]
            s3.delete_object(Bucket=names.destination_bucket, Key=name)
            self.aws.client("dynamodb").delete_item(
                TableName=names.table, Key={"filename": row["filename"]}
            )

    def rows(self) -> list[Any]:
        """The table's rows."""
        table = self.pipeline().names.table
        return list(self.aws.client("dynamodb").scan(TableName=table)["Items"])

    def shown(self) -> set[str]:
        """The results that the page shows."""
        bucket = self.pipeline().names.destination_bucket
        if INDEX_KEY not in keys(self.aws, bucket):
            return set()
        index = self.aws.client("s3").get_object(Bucket=bucket, Key=INDEX_KEY)["Body"]
        return {picture["key"] for picture in json.load(index)["pictures"]}

    def run(self, verb: str, when: str = "", number: int = 0) -> bool:
        """Run ``verb`` to its end, or to its death at a call; return whether it died."""
        names = map(str, self.pictures if verb == "upload" else ())
        self.tell(json.dumps([verb, *names]))
        child = int(self.said.next())
        self.executioner.watch(lambda: os.kill(child, signal.SIGKILL), when, number)
        self.tell("go")
        code = int(self.said.next())
        assert self.executioner.struck or code == 0, self.errors.read_text()
        return self.executioner.struck

    def tell(self, line: str) -> None:
        """Write a line to whoever forks, or to its child."""
        assert self.worker.stdin
        self.worker.stdin.write(f"{line}\n")
        self.worker.stdin.flush()

    def state(self) -> State:
        """Return what stands, and of pictures and rows all but what is made anew each time."""
        pipeline = self.pipeline()
        there = {service: len(things) for service, things in standing(self.aws).items()}
        if "tables" not in there:
            return there
        names, rows = pipeline.names, self.rows()
        put = keys(self.aws, names.destination_bucket)
        return {
            **there,
            "source": keys(self.aws, names.source_bucket),
            "results": {each for each in put if not each.startswith(PAGE_DATA)},
            "shown": self.shown(),
            "rows": sorted(row["filename"]["S"] + row["status"]["S"] for row in rows),
            "failures": waiting(self.aws, names.queue),
            "drift": {event.action for event in deployment.plan(pipeline).events} - {Action.NONE},
        }


def keys(aws: Aws, bucket: str) -> set[str]:
    """The keys in a bucket."""
    return {
        each["Key"] for each in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    }


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Keep an embedded AWS and pictures in ``folder``, until the block ends."""
    pictures = tuple(folder / name for name in PICTURES)
    for path in pictures:
        path.write_bytes(photo(80, 60, "PNG" if path.suffix == ".png" else "JPEG"))
    with ExitStack() as stack:
        stack.callback(local.stop, folder / "state")
        root = embedded(folder / "state")
        keys = root.session.get_credentials()
        where = (keys.access_key, keys.secret_key, root.region)
        aws = account(root.endpoint_url or "", *where)
        executioner = stack.enter_context(executing(aws.endpoint_url or ""))
        errors = stack.enter_context((folder / "errors").open("w"))
        worker = stack.enter_context(working([executioner.url, *where], errors))
        yield Stage(aws, executioner, worker, Lines(worker), folder, pictures)


@contextmanager
def working(where: Sequence[str], errors: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Run whoever forks, until the block ends."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.support.worker", *where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    yield worker
    worker.kill()
    worker.wait(timeout=SECONDS)
