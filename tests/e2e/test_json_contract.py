"""What every command really prints as JSON is what docs/json.md says, all the way down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.schema import PARTITION_KEY
from imgpipe.cli._commands import COMMANDS, Row
from imgpipe.errors import ImgpipeError
from imgpipe.render._failure import ErrorRecord
from scripts.records import Shown, parts, shown_by
from tests.support.conforms import problems
from tests.support.failed import event, record, send
from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws

ELSEWHERE: Final = {"reprocess status"}
"""No emulator has S3 Batch Operations: tests/imgpipe/cli/test_reprocess_batch.py holds it to it."""
DOCUMENTED: Final = [row for row in COMMANDS if "json" in row.outputs and row.name not in ELSEWHERE]
# Each command's arguments, in the order in which they are run on one standing pipeline. Of a
# command that prints records of more than one kind, each kind has its case.
CASES: Final = (
    ("setup", "setup --dry-run --adopt theirs"),
    ("setup", "setup --adopt theirs --alarms me@example.com"),
    ("setup", "--config other.toml setup --dry-run"),
    ("status", "status"),
    ("doctor", "doctor"),
    ("config pull", "config pull pulled.toml"),
    ("config init", "config init started.toml"),
    ("config show", "config show"),
    ("config set", "--config started.toml config set picture.width 1200"),
    ("preview", "preview good.jpg broken.jpg -o out"),
    ("upload", "upload good.jpg --dry-run"),
    ("upload", "upload good.jpg broken.jpg"),
    ("watch", "watch watched --once --prefix album"),
    ("failures", "failures"),
    ("show", "show good.jpg"),
    ("explain", "explain broken.jpg"),
    ("explain", "explain good.jpg"),
    ("retry", "retry --all"),
    ("reprocess", "reprocess --all --yes"),
    ("reprocess", "reprocess --all --batch --dry-run"),
    ("pause", "pause"),
    ("resume", "resume --dry-run"),
    ("resume", "resume"),
    ("reconcile", "reconcile --dry-run"),
    ("reconcile", "reconcile --yes"),
    ("invoke", "invoke good.jpg"),
    ("list-metadata", "list-metadata"),
    ("url", "url good.jpg --srcset"),
    ("rotate", "rotate --yes"),
    ("metrics", "metrics --since 1h"),
    ("deployer-policy", "deployer-policy --for inspect"),
    ("cost", "cost"),
    ("cost", "cost --pictures 1000 --size 24"),
    ("cost", "cost --views 1000000 --misses 5"),
    ("logs", "logs --since 1h --all"),
    ("gallery", "gallery"),
    ("gallery", "gallery --eject design"),
    ("open", "open --rejected"),
    ("download", "download --all --to home"),
    ("invalidate", "invalidate good.jpg"),
    ("rm", "rm --prefix good --dry-run"),
    ("rm", "rm good.jpg --yes"),
    ("setup", "--config other.toml setup --domain images.example.com"),
    ("rollback", "rollback --dry-run"),
    ("rollback", "rollback --yes"),
    ("local start", "local start"),
    ("local status", "local status"),
    ("local env", "local env"),
    ("local logs", "local logs"),
    ("teardown", "teardown --dry-run"),
    ("teardown", "teardown --yes"),
    ("local stop", "local stop"),
    ("local reset", "local reset --yes"),
)
QUEUE: Final = "ImageProcessingFailures"


def fail(aws: Aws) -> None:
    """Leave a failure in the queue."""
    send(aws, QUEUE, record(event("broken.jpg")))


def forget(aws: Aws) -> None:
    """Delete the row of a picture."""
    key = {PARTITION_KEY: {"S": "processed-good.jpg"}}
    aws.client("dynamodb").delete_item(TableName="ImageMetadata", Key=key)


BEFORE: Final = {"failures": fail, "reconcile --dry-run": forget}
"""What is done to the account before a case, so that it has something to show."""
PARTIAL: Final = ("preview", "upload", "retry", "reprocess")
"""A picture is broken: their exit code is 4, and what was done is printed."""


@dataclass(frozen=True)
class Printed:
    """What a command line printed: exit code, stdout and stderr."""

    command: str
    line: str
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def journey(shared_shell: Shell) -> list[Printed]:
    """Every case, run in its order on one embedded AWS."""
    (shared_shell.folder / "good.jpg").write_bytes(photo())
    (shared_shell.folder / "watched").mkdir()
    (shared_shell.folder / "watched" / "new.jpg").write_bytes(photo(40, 30))
    (shared_shell.folder / "other.toml").write_text("memory = 1024\n")
    (shared_shell.folder / "broken.jpg").write_bytes(photo()[:3000])
    on_demand = "[delivery]\nenabled = true\nsigning = true\n"
    (shared_shell.folder / "imgpipe.toml").write_text(f'source_bucket = "theirs"\n{on_demand}')
    (shared_shell.folder / "other.toml").write_text(
        f'source_bucket = "theirs"\nmemory = 1024\n{on_demand}'
    )
    s3 = embedded(shared_shell.state).client("s3")
    s3.create_bucket(Bucket="theirs")
    s3.put_object(Bucket="theirs", Key="early.jpg", Body=photo())
    runs = []
    for command, line in CASES:
        if line in BEFORE:
            BEFORE[line](embedded(shared_shell.state))
        runs.append(printed(shared_shell, command, f"--local --output json {line}"))
    return runs


def printed(shell: Shell, command: str, line: str) -> Printed:
    """Run ``imgpipe LINE``."""
    process = shell.start(*line.split())
    out, err = process.communicate(timeout=180)
    return Printed(command, line, process.returncode, out, err)


def data_of(run: Printed, shown: list[Shown]) -> list[Any]:
    """Return the data of each envelope; of one that does not stream there is just one."""
    texts = run.out.splitlines() if any(each.streamed for each in shown) else [run.out]
    envelopes = [json.loads(text) for text in texts]
    for envelope in envelopes:
        assert list(envelope) == ["imgpipe", "command", "data"], run
        assert (envelope["imgpipe"], envelope["command"]) == (1, run.command)
    return [envelope["data"] for envelope in envelopes]


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row.name)
def test_every_command_prints_what_is_documented(journey: list[Printed], row: Row) -> None:
    """Exact keys, no more, and types; every kind of record that it documents is met."""
    shown = shown_by(row)
    runs = [run for run in journey if run.command == row.name]
    met: set[str] = set()
    for run in runs:
        assert run.code == (4 if row.name in PARTIAL and "--dry-run" not in run.line else 0), run
        for data in data_of(run, shown):
            fitting = [each for each in shown if not list(problems(data, each.record))]
            assert fitting, [list(problems(data, each.record)) for each in shown]
            met.add(str(fitting[0].record))
    assert met == {str(each.record) for each in shown}


def test_every_documented_record_and_list_was_met_filled(journey: list[Printed]) -> None:
    """An empty list would conform whatever stands in its documentation."""
    rows = {row.name: row for row in DOCUMENTED}
    met = {
        record.__name__
        for run in journey
        for data in data_of(run, shown_by(rows[run.command]))
        for each in shown_by(rows[run.command])
        if not list(problems(data, each.record))
        for record in filled(data, each.record)
    }
    documented = {
        part.__name__ for row in DOCUMENTED for each in shown_by(row) for part in parts(each.record)
    }
    assert met == documented


def filled(data: Any, record: Any) -> set[type]:
    """Return the records of which ``data`` holds at least one."""
    return {
        part
        for part in parts(record)
        if any(not list(problems(value, part)) for value in values(data))
    }


def values(data: Any) -> list[Any]:
    """Return ``data`` and every value in it."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [data, *(value for each in inner for value in values(each))]


def test_nothing_stands_beside_the_data(journey: list[Printed]) -> None:
    """No word on stderr while nobody watches; of a partial success the error, as JSON."""
    for run in journey:
        if run.code:
            assert json.loads(run.err)["error"]["code"] == "partial", run
        else:
            assert run.err == "", run


@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        ("upload nowhere.jpg", 2, "usage"),
        ("status --frobnicate", 2, "usage"),
        ("--config nowhere.toml status", 3, "settings"),
        ("--local upload good.jpg", 1, "not_set_up"),
        ("--local invoke good.jpg", 1, "not_set_up"),
        ("--local config pull", 1, "not_set_up"),
        ("--local list-metadata", 1, "not_set_up"),
        ("--profile nobody --region eu-west-1 status", 3, "credentials"),
    ],
)
def test_an_error_is_an_envelope_on_stderr(
    shared_shell: Shell, line: str, code: int, kind: str
) -> None:
    """As documented, with a code that is listed, and nothing on stdout."""
    (shared_shell.folder / "good.jpg").write_bytes(photo(30, 20))
    run = printed(shared_shell, "", f"{line} --output json")
    envelope = json.loads(run.err)
    assert (run.out, run.code) == ("", code)
    assert list(envelope) == ["imgpipe", "command", "error"]
    assert envelope["command"] in {row.name for row in COMMANDS}
    assert list(problems(envelope["error"], ErrorRecord)) == []
    assert envelope["error"]["code"] == kind
    assert kind in {each.code for each in ImgpipeError.__subclasses__()}


def test_every_command_has_a_case() -> None:
    """A new row without one fails here."""
    assert {command for command, _ in CASES} == {row.name for row in DOCUMENTED}


WHEN: Final = datetime(2026, 7, 1, tzinfo=UTC).isoformat()


@pytest.mark.parametrize(
    ("value", "hint", "sound"),
    [
        ("a", str, True),
        (1, str, False),
        (1, int, True),
        (True, int, False),
        (1.5, int, False),
        (1, float, True),
        (True, float, False),
        (None, str | None, True),
        (1, str | None, False),
        (["a"], list[str], True),
        (["a", 1], list[str], False),
        ("a", list[str], False),
        ({"a": 1}, dict[str, int], True),
        ({"a": "1"}, dict[str, int], False),
        (WHEN, datetime, True),
        (WHEN[:10], datetime, False),
        ({"anything": [1]}, Any, True),
    ],
)
def test_the_checker_sees_what_is_wrong(value: Any, hint: Any, sound: bool) -> None:
    """A check that cannot fail would prove nothing."""
    assert (list(problems(value, hint)) == []) is sound


@pytest.mark.parametrize(
    "change",
    [
        lambda error: error.pop("hint"),
        lambda error: error.update(more=1),
        lambda error: error.update(next="setup"),
        lambda error: error["next"].append(5),
        lambda error: error.update(code=None),
    ],
)
def test_the_checker_sees_every_other_key(change: Callable[[dict[str, Any]], object]) -> None:
    """One missing, one too many, one of another type, however deep."""
    error: dict[str, Any] = {
        "code": "usage",
        "message": "m",
        "hint": "",
        "next": ["imgpipe setup"],
        "aws_code": "",
    }
    assert list(problems(error, ErrorRecord)) == []
    change(error)
    assert len(list(problems(error, ErrorRecord))) == 1
