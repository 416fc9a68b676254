"""A bucket, kept in step with a folder: clock and changes are the test's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import EndpointConnectionError

from imgpipe.errors import ImgpipeError
from imgpipe.pictures.leftovers import Stores
from imgpipe.pictures.naming import Naming
from imgpipe.pictures.removal import Remover
from imgpipe.pictures.watching.event import Event, Kind
from imgpipe.pictures.watching.folder import Folder
from imgpipe.pictures.watching.mirror import WHOLE_SECONDS, Mirror
from imgpipe.pictures.watching.origins import Origins
from imgpipe.pictures.watching.vanished import Vanished
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults

pytestmark = pytest.mark.slow

SOURCE: Final = "pictures"
RESULTS: Final = "results"
Step = Callable[[], "set[str] | None"]


def picture(what: str) -> bytes:
    """A JPEG's first bytes, and more."""
    return b"\xff\xd8\xff\xe0" + what.encode()


@dataclass
class Stage:
    """A folder, a bucket, and what is told between them."""

    aws: Aws
    clock: Clock
    root: Path
    state: Path

    @property
    def s3(self) -> Any:
        """S3."""
        return self.aws.client("s3")

    def put(self, name: str, what: str = "") -> Step:
        """Write a file, when its turn comes."""

        def step() -> set[str]:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(what or name))
            return {name}

        return step

    def remove(self, *names: str) -> Step:
        """Delete files."""

        def step() -> set[str]:
            for name in names:
                (self.root / name).unlink()
            return set(names)

        return step

    def watch(self, *steps: Step | int, delete: bool = False) -> list[tuple[str, str]]:
        """Watch while the steps are taken, one a second, or so many seconds pass; return events."""
        return [(each.kind, each.name) for each in self.events(*steps, delete=delete)]

    def events(self, *steps: Step | int, delete: bool = False) -> list[Event]:
        """Return what happened."""
        folder = Folder(self.root, Naming("in"))
        origins = Origins(self.state / "origins.jsonl")
        remover = Remover(SOURCE, Stores(RESULTS, TABLE, [""]), untold=True)
        vanished = Vanished(self.aws, remover, folder, origins) if delete else None
        mirror = Mirror(self.aws, SOURCE, folder, origins, vanished)

        def ticks() -> Iterator[set[Path]]:
            for step in steps:
                told = step() if callable(step) else None
                yield {folder.root / name for name in told or ()}
                for _ in range(step if isinstance(step, int) else 1):
                    self.clock.sleep(1)
                    yield set()

        return list(mirror.follow(ticks()))

    def keys(self) -> dict[str, bytes]:
        """Return what is in the bucket."""
        listed = self.s3.list_objects_v2(Bucket=SOURCE).get("Contents", [])
        return {
            each["Key"]: self.s3.get_object(Bucket=SOURCE, Key=each["Key"])["Body"].read()
            for each in listed
        }

    def holds(self, *names: str) -> bool:
        """Say whether the bucket holds these files of the folder, and no others."""
        return self.keys() == {f"in/{name}": (self.root / name).read_bytes() for name in names}


@pytest.fixture
def stage(aws: Aws, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An empty folder and an empty bucket; all goes through botocore, to the account in memory."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    here = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    for bucket in (SOURCE, RESULTS):
        aws.client("s3").create_bucket(Bucket=bucket, **here)
    tables.make(aws.client("dynamodb"))
    (tmp_path / "root").mkdir()
    return Stage(aws, clock, tmp_path / "root", tmp_path)


def nothing() -> None:
    """Let a second pass."""


def test_what_is_there_goes_once_it_rests(stage: Stage) -> None:
    """What the bucket has already stays; the next run has nothing to do."""
    for name in ("a.jpg", "b/c d.jpg", "same.jpg"):
        stage.put(name)()
    (stage.root / "notes.txt").write_text("no picture")
    stage.s3.put_object(Bucket=SOURCE, Key="in/same.jpg", Body=picture("same.jpg"))
    done = stage.watch(1)
    assert done == []
    done = stage.watch(3)
    assert sorted(done[:2]) == [("sent", "a.jpg"), ("sent", "b/c d.jpg")]
    assert done[2:] == [("in step", "")]
    assert stage.holds("a.jpg", "b/c d.jpg", "same.jpg")
    assert stage.watch(3) == [("in step", "")]


def test_a_file_goes_when_it_has_stopped_growing(stage: Stage) -> None:
    """Not before, and whole."""
    growing = [stage.put("a.jpg", "x" * n) for n in range(1, 6)]
    events = stage.watch(*growing, 1, *[nothing] * 3)
    assert sorted(events) == [("in step", ""), ("sent", "a.jpg")]
    assert stage.keys() == {"in/a.jpg": picture("x" * 5)}


def test_what_appears_changes_and_moves_goes(stage: Stage) -> None:
    """A file that is written under another name first, a folder that is moved in, one changed."""
    outside = stage.state / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "m.jpg").write_bytes(picture("m"))

    def renamed() -> set[str]:
        (stage.root / ".a.jpg.X1").write_bytes(picture("a"))
        (stage.root / ".a.jpg.X1").rename(stage.root / "a.jpg")
        return {".a.jpg.X1", "a.jpg"}

    def moved_in() -> set[str]:
        outside.rename(stage.root / "album")
        return {"album"}

    events = stage.watch(2, renamed, 3, moved_in, 3, stage.put("a.jpg", "new"), 3)
    assert events == [
        ("in step", ""),
        ("sent", "a.jpg"),
        ("sent", "album/deep/m.jpg"),
        ("sent", "a.jpg"),
    ]
    assert stage.holds("a.jpg", "album/deep/m.jpg")


def test_what_was_touched_alone_is_not_sent_again(stage: Stage, calls: Calls) -> None:
    """The content decides."""
    stage.put("a.jpg")()
    stage.watch(3)
    calls.clear()

    def touched() -> set[str]:
        os.utime(stage.root / "a.jpg", (1, 1))
        return {"a.jpg"}

    assert stage.watch(3, touched, 3) == [("in step", "")]
    assert calls.mutating == []


def test_what_nobody_told_of_is_found_at_the_next_look(stage: Stage) -> None:
    """Systems lose changes where there are too many."""

    def silently() -> None:
        stage.put("a.jpg")()

    assert stage.watch(2, silently, 5) == [("in step", "")]
    (stage.root / "a.jpg").unlink()
    events = stage.watch(2, silently, int(WHOLE_SECONDS), 3)
    assert events == [("in step", ""), ("sent", "a.jpg")]


def test_without_delete_nothing_goes(stage: Stage, calls: Calls) -> None:
    """Whatever happens to the folder's files."""
    stage.put("a.jpg")()
    assert stage.watch(3, stage.remove("a.jpg"), 5)[-1] == ("in step", "")
    assert set(stage.keys()) == {"in/a.jpg"}


def test_with_delete_what_came_from_here_goes(stage: Stage) -> None:
    """A file, a folder, and what was moved away; not what others put beside it."""
    for name in ("a.jpg", "album/b.jpg", "album/c.jpg", "kept.jpg"):
        stage.put(name)()
    stage.s3.put_object(Bucket=SOURCE, Key="in/theirs.jpg", Body=b"theirs")
    stage.s3.put_object(Bucket=SOURCE, Key="album/b.jpg", Body=b"elsewhere")

    def gone() -> set[str]:
        shutil.rmtree(stage.root / "album")
        (stage.root / "a.jpg").rename(stage.root / "z.jpg")
        return {"album", "a.jpg", "z.jpg"}

    events = stage.watch(3, gone, 4, delete=True)
    assert events[-4:-3] == [("sent", "z.jpg")]
    assert sorted(events[-3:]) == [
        ("removed", "a.jpg"),
        ("removed", "album/b.jpg"),
        ("removed", "album/c.jpg"),
    ]
    assert set(stage.keys()) == {"in/kept.jpg", "in/z.jpg", "in/theirs.jpg", "album/b.jpg"}


def test_what_went_while_nobody_watched_goes_at_the_next_run(stage: Stage) -> None:
    """Of what came from here; what appeared meanwhile is sent."""
    for name in ("a.jpg", "b.jpg"):
        stage.put(name)()
    stage.watch(3)
    stage.remove("a.jpg")()
    stage.put("c.jpg")()
    events = stage.watch(4, delete=True)
    assert sorted(events) == [("in step", ""), ("removed", "a.jpg"), ("sent", "c.jpg")]
    assert stage.holds("b.jpg", "c.jpg")


def test_what_somebody_else_has_put_since_is_kept(stage: Stage) -> None:
    """Under the same key; by its upload's id, or by the ETag of what was there already."""
    stage.put("sent.jpg")()
    stage.put("there.jpg")()
    stage.put("same.jpg")()
    for name in ("there.jpg", "same.jpg"):
        stage.s3.put_object(Bucket=SOURCE, Key=f"in/{name}", Body=picture(name))

    def replaced() -> None:
        for name in ("sent.jpg", "there.jpg"):
            stage.s3.put_object(Bucket=SOURCE, Key=f"in/{name}", Body=b"theirs")

    gone = stage.remove("sent.jpg", "there.jpg", "same.jpg")
    events = stage.watch(3, replaced, gone, 4, delete=True)
    assert sorted(events[2:]) == [
        ("kept", "sent.jpg"),
        ("kept", "there.jpg"),
        ("removed", "same.jpg"),
    ]
    assert set(stage.keys()) == {"in/sent.jpg", "in/there.jpg"}
    assert stage.watch(4, delete=True) == [("in step", "")]


def test_a_file_that_comes_back_at_once_is_not_gone(stage: Stage) -> None:
    """As editors save: away with the old, in with the new."""
    stage.put("a.jpg")()
    events = stage.watch(3, stage.remove("a.jpg"), stage.put("a.jpg", "new"), 4, delete=True)
    assert events == [("sent", "a.jpg"), ("in step", ""), ("sent", "a.jpg")]
    assert stage.holds("a.jpg")


def test_a_folder_that_is_gone_deletes_nothing(stage: Stage) -> None:
    """A disk that is taken out looks the same."""
    stage.put("a.jpg")()

    def unmounted() -> set[str]:
        stage.root.rename(stage.state / "elsewhere")
        stage.root.mkdir()
        return {"a.jpg", ""}

    with pytest.raises(ImgpipeError, match="is gone"):
        stage.watch(3, unmounted, 5, delete=True)
    assert set(stage.keys()) == {"in/a.jpg"}


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_what_fails_is_tried_again(stage: Stage, faults: Faults, code: str) -> None:
    """Later and later; the reason is said once."""
    stage.put("a.jpg")()
    faults.fail("PutObject", code, status=403, times=3)
    events = stage.watch(30)
    assert events == [("failed", "a.jpg"), ("in step", ""), ("sent", "a.jpg")]


def test_a_network_that_is_gone_is_said_once(stage: Stage) -> None:
    """For all files together, and so is its coming back."""
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        stage.put(name)()
    away = [True]

    def cut(**_: object) -> None:
        if away:
            raise EndpointConnectionError(endpoint_url="https://s3")

    stage.s3.meta.events.register("before-call", cut)
    events = stage.watch(20, away.clear, 60)
    assert [kind for kind, _ in events] == [
        "unreachable",
        "in step",
        "reachable",
        "sent",
        "sent",
        "sent",
    ]
    assert stage.holds("a.jpg", "b.jpg", "c.jpg")


def test_a_file_that_cannot_be_a_key_fails_alone(stage: Stage) -> None:
    """The others go."""
    stage.put("a\x1b.jpg")()
    stage.put("b.jpg")()
    events = stage.events(4)
    failed = next(each for each in events if each.kind is Kind.FAILED)
    assert "control character" in failed.reason
    assert set(stage.keys()) == {"in/b.jpg"}
