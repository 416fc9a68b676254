"""The command line's own words: help, slips, where global options may stand, where next leads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from imgpipe.cli import GLOBAL_OPTIONS, _report, run
from imgpipe.cli._commands import COMMANDS, Panel, Row, name_in
from imgpipe.cli._context import Run
from imgpipe.errors import ImgpipeError

LOCAL = [row.name.removeprefix("local ") for row in COMMANDS if row.name.startswith("local ")]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An 80-column terminal, an empty directory, and no embedded AWS, before or after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("IMGPIPE_STATE_DIR", str(tmp_path / "state"))
    yield
    assert not (tmp_path / "state").exists()


def ended(capsys: pytest.CaptureFixture[str], given: Sequence[str]) -> tuple[int, str]:
    """Exit code and everything said."""
    code = run(given)
    said = capsys.readouterr()
    return code, said.out + said.err


def named_in(text: str) -> list[str]:
    """The commands in the sections of a help text that come after its options."""
    commands = text[text.index("Options:") :].partition("\n\n")[2]
    return re.findall(r"^  ([a-z-]+(?: [a-z]+)?) {2,}\S", commands, re.MULTILINE)


def test_no_arguments_show_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Under its heading, its summary on one line, and how to begin without an account."""
    code, text = ended(capsys, [])
    assert code == 2
    assert named_in(text) == [row.name for row in COMMANDS]
    headings = re.findall(r"^(\w+):$", text, re.MULTILINE)
    assert headings == ["Options", *(panel.value for panel in Panel)]
    assert "..." not in text.partition("Options:")[2]
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "imgpipe demo" in text


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        (
            "setup",
            [
                "--dry-run",
                "--wait",
                "--tag",
                "KEY=VALUE",
                "--pillow-layer-arn",
                "as often as you like",
            ],
        ),
        ("upload", ["paths", "--prefix", "--no-wait", "--timeout", "330", "--force"]),
        (
            "list-metadata",
            ["--limit", "50", "--prefix", "--status", "processed|rejected", "--since", "csv"],
        ),
        ("logs", ["--since", "10m", "--follow", "--filter", "--all"]),
        ("status", ["state", "address"]),
        ("invoke", ["key", "--event"]),
        ("failures", ["reason", "Nothing is taken out", "14 days", "--limit", "1000"]),
        ("retry", ["KEY", "--all", "stays"]),
        (
            "reprocess",
            ["KEY", "--all", "--stale", "--missing", "processed|rejected", "--before", "cost"],
        ),
        ("preview", ["--out", "--preset", "--fit", "--watermark-text"]),
        ("teardown", ["--yes", "--dry-run", "3 to 15 minutes"]),
        ("demo", ["photo", "without an account"]),
        ("local", LOCAL),
        ("local start", ["--port"]),
        ("local logs", ["--follow"]),
        ("local reset", ["--yes"]),
    ],
)
@pytest.mark.parametrize("asking", ["-h", "--help"])
def test_each_commands_help_answers_what_people_ask(
    capsys: pytest.CaptureFixture[str], command: str, answers: list[str], asking: str
) -> None:
    """What it does, what it takes, and what holds otherwise."""
    code, text = ended(capsys, [*command.split(), asking])
    assert code == 0
    assert [answer for answer in answers if answer not in " ".join(text.split())] == []


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_each_commands_help_begins_with_its_line_in_the_table(
    capsys: pytest.CaptureFixture[str], row: Row
) -> None:
    """Every row leads to a command, and the two say the same."""
    code, text = ended(capsys, [*row.name.split(), "--help"])
    usage, _, rest = text.partition("\n\n")
    assert code == 0
    assert usage.startswith(f"Usage: imgpipe {row.name} ")
    assert " ".join(rest.split()).startswith(row.help)


@pytest.mark.parametrize("words", [["local"], ["local", "--help"]])
def test_a_group_shows_its_commands(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """By the word that comes behind the group's."""
    code, text = ended(capsys, words)
    assert code == (0 if "--help" in words else 2)
    assert named_in(text) == LOCAL


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (["setpu"], 2, "Did you mean 'setup'?"),
        (["local", "satus"], 2, "Did you mean 'status'?"),
        (["setup", "extra"], 2, "unexpected extra argument(s) (extra)"),
        (["status", "--region"], 2, "Option '--region' requires an argument"),
        (["--frobnicate", "status"], 2, "No such option: --frobnicate"),
        (["setup", "--output", "csv"], 2, "setup has no csv"),
        (["local", "status", "--output", "csv"], 2, "local status has no csv"),
        (["demo", "--output", "json"], 2, "demo has no json"),
        (
            ["--output", "nonsense", "status"],
            3,
            "Error: --output is 'nonsense'\n  Next: allowed are table, json, csv\n",
        ),
        (
            ["status", "--output=nonsense"],
            3,
            "Error: --output is 'nonsense'\n  Next: allowed are table, json, csv\n",
        ),
        (["upload", "--", "--local"], 2, "--local does not exist"),
        (["invoke", "a.jpg", "--event", "b.json"], 2, "invoke takes one thing"),
        (["list-metadata", "--since", "yesterday-ish"], 2, "yesterday-ish"),
        (["--config", "nowhere.toml", "status"], 3, "nowhere.toml does not exist"),
    ],
)
def test_a_slip_is_named_and_nothing_is_done(
    capsys: pytest.CaptureFixture[str], given: list[str], code: int, says: str
) -> None:
    """2 for what was typed, 3 for what was set."""
    found, text = ended(capsys, given)
    assert (found, says in text) == (code, True), text


@pytest.mark.parametrize(
    ("given", "next_command"),
    [
        (["setpu"], "imgpipe --help"),
        (["status", "extra", "--stage", "blue"], "imgpipe --stage blue status --help"),
        (["local", "start", "--port", "0"], "imgpipe local start --help"),
        (["local", "nonsense"], "imgpipe local --help"),
    ],
)
def test_a_slip_leads_to_the_help_of_the_command(
    capsys: pytest.CaptureFixture[str], given: list[str], next_command: str
) -> None:
    """Of the one that did not understand it."""
    _, text = ended(capsys, given)
    assert text.endswith(f"\n  Next: {next_command}\n")


@pytest.mark.parametrize(
    ("given", "front"),
    [
        (["setup", "--local"], ["--local", "setup"]),
        (["upload", "--stage", "blue", "a.jpg"], ["--stage", "blue", "upload", "a.jpg"]),
        (["upload", "--region=eu-west-1", "--force"], ["--region=eu-west-1", "upload", "--force"]),
        (["upload", "--", "--local"], ["upload", "--", "--local"]),
        (["status", "--region"], ["--region"]),
    ],
)
def test_global_options_move_to_the_front_with_their_values(
    given: list[str], front: list[str]
) -> None:
    """Where typer wants them."""
    assert GLOBAL_OPTIONS.in_front(given) == front


def failing_run(given: Sequence[str], output: str = "table") -> Run:
    """The run of these arguments, before there are settings."""
    return Run(
        command=name_in(GLOBAL_OPTIONS.split(given)[1]),
        output=output,
        debug=False,
        same_pipeline=GLOBAL_OPTIONS.to_same_pipeline(given),
    )


@pytest.mark.parametrize(
    ("given", "next_command"),
    [
        (["teardown"], "imgpipe setup"),
        (["upload", "a.jpg", "--local", "--force"], "imgpipe --local setup"),
        (
            ["--quiet", "logs", "--stage", "blue", "--region=eu-west-1"],
            "imgpipe --stage blue --region=eu-west-1 setup",
        ),
        (["status", "--config", "my settings.toml"], "imgpipe --config 'my settings.toml' setup"),
        (
            ["--profile", "p", "status", "--endpoint-url=http://localhost:1", "--output", "json"],
            "imgpipe --profile p --endpoint-url=http://localhost:1 setup",
        ),
    ],
)
def test_the_next_command_leads_to_the_same_pipeline(
    capsys: pytest.CaptureFixture[str], given: list[str], next_command: str
) -> None:
    """Bare, it would lead to another stage, or from the embedded AWS into an account."""
    error = ImgpipeError("there is none", hint="set it up first", next=("setup",))
    assert _report.failed(failing_run(given), error) == 1
    said = capsys.readouterr().err
    assert said == f"Error: there is none\n  Next: set it up first: {next_command}\n"
    assert _report.failed(failing_run(given, "json"), error) == 1
    envelope = json.loads(capsys.readouterr().err)
    assert envelope["error"]["next"] == [next_command]


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (["status", "--nonsense", "--output", "json"], "status"),
        (["--output=json", "local", "--region", "r", "nonsense"], ""),
        (["local", "start", "--port", "x", "--output", "json"], "local start"),
        (["--output", "json", "setpu"], ""),
    ],
)
def test_a_slip_is_json_where_json_was_asked_for(
    capsys: pytest.CaptureFixture[str], given: list[str], command: str
) -> None:
    """Even when it comes before there are settings, and nothing is beside it."""
    assert run(given) == 2
    out, err = capsys.readouterr()
    envelope = json.loads(err)
    assert out == ""
    assert (envelope["imgpipe"], envelope["command"]) == (1, command)
    assert envelope["error"]["code"] == "usage"
    assert set(envelope["error"]) == {"code", "message", "hint", "next", "aws_code"}
