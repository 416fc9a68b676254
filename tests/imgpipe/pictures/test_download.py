"""Objects brought home: whole, each in a file of its own within the folder, whatever happens."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ReadTimeoutError

from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe.errors import PartialError
from imgpipe.pictures import download, remote
from imgpipe.pictures.download import Downloaded, Fate
from imgpipe.pictures.homes import STATE, Folder
from imgpipe.pictures.leftovers import Stores
from imgpipe.pictures.remote import Home, Missing, Remote
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Sent

pytestmark = pytest.mark.slow

SOURCE: Final = "originals"
RESULTS: Final = "results"
STORES: Final = Stores(RESULTS, TABLE, ["", "thumb"])
MADE: Final = Home(SOURCE, STORES, originals=False)
ORIGINALS: Final = replace(MADE, originals=True)
ROW: Final = Metadata("", 1, "2026-07-01T00:00:00.000+00:00", Status.PROCESSED, "")
BODY: Final = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """Two empty buckets and a table."""
    where = {"LocationConstraint": aws.region}
    for bucket in (SOURCE, RESULTS):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder, beside which something lies."""
    (tmp_path / "outside").write_text("mine")
    found = Folder.at(tmp_path / "home")
    assert [*found.path.iterdir()] == []
    found.state.mkdir()
    return found


def put(aws: Aws, *keys: str) -> list[Remote | Missing]:
    """Put an object under each of ``keys``; return what all that are there look like."""
    for key in keys:
        aws.client("s3").put_object(Bucket=SOURCE, Key=key, Body=BODY + key.encode())
    return list(remote.beneath(aws, ORIGINALS, ""))


def brought(
    aws: Aws, folder: Folder, wanted: list[Remote | Missing], *, overwrite: bool = False
) -> dict[str, Downloaded]:
    """What became of each, by its key."""
    done = download.download(aws, folder, wanted, overwrite=overwrite)
    return {each.key: each for each in done}


def files(folder: Folder) -> dict[str, bytes]:
    """Every file beneath the folder."""
    found = (each for each in folder.path.rglob("*") if each.is_file())
    return {str(each.relative_to(folder.path)): each.read_bytes() for each in found}


def part_of(folder: Folder, each: Remote | Missing) -> Path:
    """Where an object waits until it is whole."""
    assert isinstance(each, Remote)
    name = sha256(f"{each.bucket}\0{each.key}\0{each.etag}".encode()).hexdigest()
    return folder.state / f"{name}.part"


SAFE: Final = (
    "a.jpg",
    "a b/é%20+\u202e.jpg",
    "..a/b..jpg",
    "~/$HOME.jpg",
    "-rf",
    "CON.jpg",
    "A.jpg",
)
UNSAFE: Final = (
    "../outside",
    "a/../../outside",
    "/outside",
    "x//y.jpg",
    "./z.jpg",
    "folder/.",
    f"{STATE}/x.part",
    "n" * 256,
)


def test_every_key_is_a_file_of_its_own_in_the_folder_or_none(aws: Aws, folder: Folder) -> None:
    """And is told which, and why."""
    done = brought(aws, folder, put(aws, *SAFE, *UNSAFE))
    assert {key for key, each in done.items() if each.fate is Fate.DOWNLOADED} == {*SAFE}
    assert {key for key, each in done.items() if each.fate is Fate.SKIPPED} == {*UNSAFE}
    assert all(done[key].reason for key in UNSAFE)
    assert files(folder) == {key: BODY + key.encode() for key in SAFE}
    assert (folder.path.parent / "outside").read_text() == "mine"
    assert not folder.state.exists()
    with pytest.raises(PartialError, match=f"{len(UNSAFE)} of"):
        download.raise_for_failures(list(done.values()))


def test_what_this_disk_takes_for_one_is_brought_once(aws: Aws, folder: Folder) -> None:
    """As macOS does: neither case nor the form of a letter is told apart."""
    keys = ("a/B.jpg", "A/b.jpg", "\u00e4.jpg", "a\u0308.jpg", "c.jpg")
    wanted = put(aws, *keys)
    alike = replace(folder, ignores_case=True, ignores_form=True)
    done = brought(aws, alike, wanted)
    skipped = {key: each.reason for key, each in done.items() if each.fate is Fate.SKIPPED}
    assert len(skipped) == 2
    assert any("A/b.jpg" in reason for reason in skipped.values())
    assert len(files(folder)) == 3
    assert len(folder.twins(keys)) == 0


def test_a_file_and_a_folder_of_one_name_stand_in_each_others_way(aws: Aws, folder: Folder) -> None:
    """One comes, the other is told of."""
    done = brought(aws, folder, put(aws, "a", "a/b"))
    assert sorted(each.fate for each in done.values()) == [Fate.DOWNLOADED, Fate.SKIPPED]


def test_a_link_leads_nowhere(aws: Aws, folder: Folder) -> None:
    """Neither to a folder outside, nor to a file."""
    (folder.path / "d").symlink_to(folder.path.parent)
    (folder.path / "f").symlink_to(folder.path.parent / "outside")
    wanted = put(aws, "d/outside", "f")
    assert {each.fate for each in brought(aws, folder, wanted).values()} == {Fate.SKIPPED}
    assert brought(aws, folder, wanted, overwrite=True)["f"].fate is Fate.DOWNLOADED
    assert (folder.path.parent / "outside").read_text() == "mine"
    assert not (folder.path / "f").is_symlink()


def test_run_again_it_fetches_nothing(aws: Aws, folder: Folder, calls: Calls) -> None:
    """By its time, or by its content where somebody touched it."""
    wanted = put(aws, "a.jpg", "b.jpg")
    brought(aws, folder, wanted)
    (folder.path / "a.jpg").touch()
    fetched = calls.count("GetObject")
    again = brought(aws, Folder.at(folder.path), wanted)
    assert {each.fate for each in again.values()} == {Fate.PRESENT}
    assert calls.count("GetObject") == fetched == 2


@pytest.mark.parametrize("mine", [b"mine", BODY[:-1] + b"xa.jpg"])
def test_a_file_of_other_content_stays(aws: Aws, folder: Folder, mine: bytes) -> None:
    """Unless it is said that it shall not."""
    (folder.path / "a.jpg").write_bytes(mine)
    wanted = put(aws, "a.jpg")
    kept = brought(aws, folder, wanted)["a.jpg"]
    assert (kept.fate, files(folder)["a.jpg"]) == (Fate.SKIPPED, mine)
    assert "--overwrite" in kept.reason
    assert brought(aws, folder, wanted, overwrite=True)["a.jpg"].fate is Fate.DOWNLOADED
    assert files(folder) == {"a.jpg": BODY + b"a.jpg"}


@pytest.mark.parametrize(
    ("there", "ranges"),
    [
        (BODY[:5000], ["bytes=5000-"]),
        (b"", [None]),
        (b"x" * 5000, ["bytes=5000-", None]),
        (BODY * 2, [None]),
    ],
    ids=["half", "nothing", "damaged", "too long"],
)
def test_what_was_begun_is_gone_on_with(
    aws: Aws, folder: Folder, sent: Sent, there: bytes, ranges: list[str | None]
) -> None:
    """Where it fits; what a crash left damaged is fetched anew."""
    wanted = put(aws, "a.jpg")
    part_of(folder, wanted[0]).write_bytes(there)
    assert brought(aws, folder, wanted)["a.jpg"].fate is Fate.DOWNLOADED
    assert files(folder) == {"a.jpg": BODY + b"a.jpg"}
    assert [each.get("Range") for each in sent.of("GetObject")] == ranges
    assert all(each["IfMatch"] for each in sent.of("GetObject"))


def test_what_was_replaced_meanwhile_is_never_patched_together(aws: Aws, folder: Folder) -> None:
    """Half of one and half of another would be no picture."""
    wanted = put(aws, "a.jpg")
    part_of(folder, wanted[0]).write_bytes(BODY[:5000])
    aws.client("s3").put_object(Bucket=SOURCE, Key="a.jpg", Body=b"another")
    failed = brought(aws, folder, wanted)["a.jpg"]
    assert (failed.fate, failed.reason) == (Fate.FAILED, "it was replaced meanwhile: run again")
    assert not (folder.path / "a.jpg").exists()
    brought(aws, folder, list(remote.beneath(aws, ORIGINALS, "")))
    assert (folder.path / "a.jpg").read_bytes() == b"another"


class Breaking:
    """A body that breaks off in its middle."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def iter_chunks(self, size: int) -> Any:
        yield self._body.read(4000)
        raise ReadTimeoutError(endpoint_url="s3")


@pytest.mark.parametrize(("times", "fate"), [(2, Fate.DOWNLOADED), (3, Fate.FAILED)])
def test_a_network_that_breaks_off_is_borne(
    aws: Aws, folder: Folder, monkeypatch: pytest.MonkeyPatch, times: int, fate: Fate
) -> None:
    """A few times; then what came waits for the next run, and has no picture's name."""
    wanted, s3, tries = put(aws, "a.jpg"), aws.client("s3"), []
    real = s3.get_object

    def get(**parameters: Any) -> Any:
        tries.append(parameters.get("Range"))
        answer = real(**parameters)
        breaks = len(tries) <= times
        return {**answer, "Body": Breaking(answer["Body"])} if breaks else answer

    monkeypatch.setattr(s3, "get_object", get)
    assert brought(aws, folder, wanted)["a.jpg"].fate is fate
    assert tries == [None, "bytes=4000-", "bytes=8000-"]
    name = "a.jpg" if fate is Fate.DOWNLOADED else f"{STATE}/{part_of(folder, wanted[0]).name}"
    assert [*files(folder)] == [name]
    assert brought(aws, Folder.at(folder.path), wanted)["a.jpg"].path == folder.path / "a.jpg"
    assert files(folder) == {"a.jpg": BODY + b"a.jpg"}


def test_ctrl_c_ends_what_is_under_way(aws: Aws, folder: Folder) -> None:
    """The next run has what was finished."""
    running = download.download(aws, folder, put(aws, *"abcdefgh"), overwrite=False)
    next(running)
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt)
    assert aws.interrupted.is_set()
    assert all(body.startswith(BODY) for name, body in files(folder).items() if STATE not in name)


def test_two_runs_do_not_write_into_one_file(aws: Aws, folder: Folder) -> None:
    """The second says that the first is at it."""
    wanted = put(aws, "a.jpg")
    with part_of(folder, wanted[0]).open("ab") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        failed = brought(aws, folder, wanted)["a.jpg"]
    assert (failed.fate, failed.reason) == (Fate.FAILED, "another run is downloading it")


def picture(aws: Aws, key: str) -> None:
    """An original with two results, one of which is in the bucket, and a row of each."""
    aws.client("s3").put_object(Bucket=SOURCE, Key=key, Body=b"original")
    for rendition in ("", "thumb"):
        made = processed_key(key, rendition)
        row = replace(ROW, filename=made, source_key=key, rendition=rendition)
        tables.write(aws.client("dynamodb"), row)
        if not rendition:
            aws.client("s3").put_object(Bucket=RESULTS, Key=made, Body=b"result")


def test_names_mean_objects(aws: Aws) -> None:
    """Results, or the original; a result's own name means that alone."""
    picture(aws, "x/a.jpg")
    default, thumb = "x/processed-a.jpg", "x/processed-a--thumb.jpg"
    aws.client("s3").put_object(Bucket=SOURCE, Key="new.jpg", Body=b"original")

    def keys(home: Home, *names: str) -> list[tuple[str, str]]:
        found = remote.called(aws, home, names)
        return [(each.key, getattr(each, "reason", each.__class__.__name__)) for each in found]

    gone = (thumb, "S3 has no such object any more")
    assert keys(MADE, "x/a.jpg") == [gone, (default, "Remote")]
    assert keys(MADE, f"https://d1.net/{default}", default) == [(default, "Remote")]
    assert keys(ORIGINALS, default, "x/a.jpg") == [("x/a.jpg", "Remote")]
    assert keys(MADE, "new.jpg") == [("new.jpg", "nothing was made of it")]
    assert [name for name, _ in keys(MADE, "never.jpg")] == ["never.jpg"]


def test_a_prefix_means_all_beneath_it(aws: Aws) -> None:
    """Originals' keys begin so; what no row speaks of is somebody's own."""
    for key in ("x/a.jpg", "x/b.jpg", "y/a.jpg"):
        picture(aws, key)
    aws.client("s3").put_object(Bucket=RESULTS, Key="x/processed-mine.jpg", Body=b"mine")
    aws.client("s3").put_object(Bucket=SOURCE, Key="x/", Body=b"")

    def keys(home: Home, prefix: str) -> list[str]:
        return [each.key for each in remote.beneath(aws, home, prefix)]

    assert keys(MADE, "x/a") == ["x/processed-a.jpg"]
    assert keys(MADE, "") == ["x/processed-a.jpg", "x/processed-b.jpg", "y/processed-a.jpg"]
    assert keys(ORIGINALS, "x/") == ["x/a.jpg", "x/b.jpg"]
