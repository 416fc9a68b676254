"""Every kind of name goes in, comes out under its own key, and is shown without doing anything."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from handler.keys import processed_key
from imgpipe import cdn
from imgpipe.aws.account import Aws
from tests.support.hostile.names import FILES, KEYS
from tests.support.rewind import put_back
from tests.support.shell import TIMEOUT, Lines, Shell, embedded, opened, photo
from tests.support.standing import standing

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff0b", "\uff0d", "\uff1d", "\uff20")
# What a URL's own rules make another path of: S3 has the object, and no browser can ask for it.
PATIENCE_SECONDS: Final = 120
UNREACHABLE: Final = frozenset({"", ".", ".."})


@pytest.fixture(scope="module")
def rows(shared_shell: Shell, complete: Path) -> Mapping[str, Any]:
    """The rows by their originals, after both ways in."""
    shell = shared_shell
    put_back(shell.state, complete)
    folder = shell.folder / "names"
    folder.mkdir()
    for number, name in enumerate(FILES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo(40 + number, 30))
    shell.run("--local", "upload", "names", "--prefix", "sent")

    aws = embedded(shell.state)
    for number, key in enumerate(KEYS):
        body = photo(140 + number, 30)
        aws.client("s3").put_object(Bucket=bucket(aws, "source"), Key=key, Body=body)
    return all_rows(shell, {*KEYS, *(f"sent/{name}" for name in FILES)})


def all_rows(shell: Shell, wanted: set[str]) -> Mapping[str, Any]:
    """Return the rows by their originals, as soon as each has one; those of others are none."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = {row["source_key"]: row for row in shell.stream("--local", "list-metadata")}
        if set(found) == wanted or time.monotonic() > deadline:
            assert set(found) == wanted
            return found


def bucket(aws: Aws, kind: str) -> str:
    """The bucket's name."""
    return f"imgpipe-{kind}-{aws.account}-{aws.region}-an"


def test_each_comes_out_under_its_own_key(shared_shell: Shell, rows: Mapping[str, Any]) -> None:
    """In the table, in the bucket, and at the distribution's address, each with its own pixels."""
    aws = embedded(shared_shell.state)
    domain = cdn.domain(aws, f"imgpipe default {aws.region}")
    assert {key for key, row in rows.items() if row["status"] != "processed"} == set()
    for key, row in rows.items():
        assert row["filename"] == processed_key(key)
        where = {"Bucket": bucket(aws, "dest"), "Key": row["filename"]}
        body = aws.client("s3").get_object(**where)["Body"].read()
        assert Image.open(io.BytesIO(body)).width == row["width"]
        if not UNREACHABLE & set(row["filename"].split("/")):
            assert cdn.fetch(cdn.url(aws, domain, row["filename"])).body == body, key


def test_each_is_known_again(shared_shell: Shell, rows: Mapping[str, Any]) -> None:
    """Named by a list on standard input: what is there stays here, and what differs is told."""
    names = shared_shell.folder / "names"
    listed = "\0".join(f"names/{name}" for name in FILES)
    (names / FILES[0]).write_bytes(photo(50, 50))
    again = ["upload", "-0", "-", "--relative-to", "names", "--prefix", "sent", "--skip-existing"]
    process = shared_shell.start(
        "--local", "--output", "json", *again, "--dry-run", stdin=subprocess.PIPE
    )
    out, err = process.communicate(listed, timeout=TIMEOUT)
    assert process.returncode == 0, err
    steps = {each["key"]: each["action"] for each in opened(out)}
    assert steps == {f"sent/{name}": "skip" for name in FILES} | {f"sent/{FILES[0]}": "upload"}
    one = shared_shell.json("--local", *again[:1], "names", *again[3:], "--include", FILES[1])
    assert [(each["key"], each["status"]) for each in one] == [(f"sent/{FILES[1]}", "skipped")]


def test_each_is_brought_home_within_its_folder(
    shared_shell: Shell, rows: Mapping[str, Any]
) -> None:
    """Under its own key, or not at all and told of; nothing comes to lie elsewhere."""
    before = {*shared_shell.folder.rglob("*")}
    done = shared_shell.json("--local", "download", "--all", "--to", "home", code=4)
    sizes = {row["filename"]: row["size"] for row in rows.values()}
    assert {each["key"] for each in done} == {*sizes}
    here = [each for each in done if each["status"] == "downloaded"]
    home = shared_shell.folder / "home"
    assert {each["key"]: Path(each["path"]).stat().st_size for each in here} == {
        each["key"]: sizes[each["key"]] for each in here
    }
    assert {Path(each["path"]).relative_to(home).as_posix() for each in here} == {
        each["key"] for each in here
    }
    assert all(each["reason"] for each in done if each not in here)
    made = {*shared_shell.folder.rglob("*")} - before
    assert {path for path in made if path != home and home not in path.parents} == set()


def test_a_watched_folder_is_followed(shared_shell: Shell, rows: Mapping[str, Any]) -> None:
    """As the system tells: written beside and renamed, moved in, deleted; then Ctrl-C."""
    root = shared_shell.folder / "watched"
    root.mkdir()
    aside = shared_shell.folder / "aside"
    aside.mkdir()
    options = ("--prefix", "watched", "--delete", "--yes", "--output", "json")
    process = shared_shell.start("--local", "watch", "watched", *options)
    lines = Lines(process)

    def told() -> tuple[str, str]:
        event = opened(lines.next())
        return event["event"], event["file"]

    try:
        assert told() == ("in step", "")
        (root / ".new").write_bytes(photo(40, 30))
        (root / ".new").rename(root / FILES[0])
        assert told() == ("sent", FILES[0])
        (aside / FILES[1]).write_bytes(photo(41, 30))
        aside.rename(root / "deep")
        assert told() == ("sent", f"deep/{FILES[1]}")
        (root / FILES[0]).unlink()
        assert told() == ("removed", FILES[0])
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT) == 0
    finally:
        process.kill()
        process.wait(timeout=TIMEOUT)
    keys = {row["source_key"] for row in shared_shell.stream("--local", "list-metadata")}
    assert f"watched/deep/{FILES[1]}" in keys
    assert f"watched/{FILES[0]}" not in keys
    shared_shell.run("--local", "rm", "--prefix", "watched/", "--yes")


@pytest.mark.parametrize("output", ["table", "json"])
def test_no_name_steers_a_terminal(
    shared_shell: Shell, rows: Mapping[str, Any], output: str
) -> None:
    """No control character, and none that turns the line around or hides."""
    done = shared_shell.run("--local", "--output", output, "list-metadata", "--limit", "500")
    logs = shared_shell.run("--local", "logs", "--since", "1h")
    for text in (done.stdout, done.stderr, logs.stdout):
        assert {c for c in text if not c.isprintable()} <= {"\n"}


def test_no_name_is_a_formula_in_a_spreadsheet(
    shared_shell: Shell, rows: Mapping[str, Any]
) -> None:
    """And each is one cell, whatever is in it."""
    text = shared_shell.run("--local", "--output", "csv", "list-metadata").stdout
    sheet = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["source_key"].removeprefix("'") for row in sheet} == set(rows)
    assert not [cell for row in sheet for cell in row.values() if cell.startswith(FORMULAS)]


def test_a_teardown_leaves_none_of_them(shared_shell: Shell, rows: Mapping[str, Any]) -> None:
    """Whatever an object is called, it can be listed and deleted."""
    shared_shell.run("--local", "teardown", "--yes")
    assert standing(embedded(shared_shell.state)) == {}
