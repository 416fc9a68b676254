"""Pictures are made again: what another recipe made, all, or those with a name."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.shell import TIMEOUT, Shell, embedded, photo

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

KEYS: Final = ["1.jpg", "2.jpg", "a b/ü+3.jpg", "broken.jpg"]
GOOD: Final = KEYS[:3]
TWO: Final = '[picture]\nwidth = 60\n[[rendition]]\nname = "thumb"\nwidth = 20\n'
ONE: Final = "[picture]\nwidth = 50\n"


@pytest.fixture(scope="module")
def shop(shared_shell: Shell) -> Shell:
    """A pipeline with two renditions, three pictures in it and one that is broken."""
    pictures = shared_shell.folder / "pictures"
    (pictures / "a b").mkdir(parents=True)
    for key in GOOD:
        (pictures / key).write_bytes(photo())
    (pictures / "broken.jpg").write_bytes(photo()[:3000])
    (shared_shell.folder / "imgpipe.toml").write_text(TWO)
    shared_shell.run("--local", "setup")
    shared_shell.run("--local", "upload", "pictures", code=4)
    return shared_shell


@pytest.fixture
def aws(shop: Shell) -> Aws:
    """The account."""
    return embedded(shop.state)


def rows(shop: Shell) -> dict[str, Any]:
    """The rows by their results."""
    return {row["filename"]: row for row in shop.stream("--local", "list-metadata")}


def test_what_another_recipe_made_is_counted_and_made_again(shop: Shell, aws: Aws) -> None:
    """A setup says how many, what it costs, and the command; nothing runs unasked."""
    assert shop.json("--local", "setup")["left"] == []
    before = rows(shop)
    (shop.folder / "imgpipe.toml").write_text(ONE)
    (left,) = shop.json("--local", "setup", "--reset", "--yes")["left"]
    assert (left["pictures"], left["complete"], left["why"], left["next"]) == (
        4,
        True,
        "were made by another recipe",
        "reprocess --stale",
    )
    assert 0 < left["dollars"] < 0.01
    assert rows(shop) == before

    shown = shop.json("--local", "reprocess", "--stale", "--dry-run")
    assert [(each["key"], each["status"]) for each in shown] == [
        (key, "selected") for key in sorted(KEYS)
    ]
    assert rows(shop) == before
    error = shop.error("--local", "reprocess", "--stale", code=2)
    assert error["next"] == ["imgpipe --local reprocess --stale --yes"]
    done = shop.json("--local", "reprocess", "--stale", "--yes", code=4)
    assert {each["key"]: each["status"] for each in done} == {
        **dict.fromkeys(GOOD, "processed"),
        "broken.jpg": "rejected",
    }
    after = rows(shop)
    assert {row["width"] for row in after.values() if row["status"] == "processed"} == {50}
    found = aws.client("s3").list_objects_v2(Bucket=bucket(aws))["Contents"]
    results = {each["Key"] for each in found if "processed-" in each["Key"]}
    assert results == {name for name, row in after.items() if row["status"] == "processed"}
    assert not any("thumb" in name for name in after)


def bucket(aws: Aws) -> str:
    """The bucket of results."""
    names = [str(each["Name"]) for each in aws.client("s3").list_buckets()["Buckets"]]
    return next(name for name in names if "-dest-" in name)


def test_a_run_that_is_killed_is_finished_by_the_next(shop: Shell) -> None:
    """It says how at its beginning, and what was made since is not made again."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    killed = shop.start("--local", "reprocess", "--all", "--yes")
    assert killed.stderr
    said = iter(killed.stderr.readline, "")
    assert any("go on with: imgpipe --local reprocess --all --before " in line for line in said)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    done = shop.json("--local", "reprocess", "no.jpg", GOOD[0], "--yes", code=4)
    assert [(each["key"], each["status"]) for each in done] == [
        ("no.jpg", "gone"),
        (GOOD[0], "processed"),
    ]
    # How many of the others the killed run had started is not known.
    process = shop.start("--local", "reprocess", "--all", "--before", began, "--yes")
    out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode in {0, 4}, err
    assert GOOD[0] not in out
    assert all(row["timestamp"] >= began[:19] for row in rows(shop).values())
