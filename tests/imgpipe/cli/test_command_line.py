"""The command line's own words, in this process: help, slips, where global options may stand, and where the next command leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from imgpipe.cli import _global_options, _report, run
from imgpipe.errors import ImgpipeError

COMMANDS = [
    "setup",
    "upload",
    "list-metadata",
    "logs",
    "status",
    "invoke",
    "preview",
    "teardown",
    "demo",
    "local",
]


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


def test_no_arguments_show_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its summary on one line, nothing cut off, and how to begin without an account."""
    code, text = ended(capsys, [])
    assert code == 2
    assert (
        re.findall(r"^  ([a-z-]+) {2,}\S", text.partition("Commands:")[2], re.MULTILINE) == COMMANDS
    )
    assert "..." not in text.partition("Commands:")[2]
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
        ("upload", ["paths", "--prefix", "--no-wait", "--timeout", "300", "--force"]),
        (
            "list-metadata",
            ["--limit", "50", "--prefix", "--status", "processed|rejected", "--since", "csv"],
        ),
        ("logs", ["--since", "10m", "--follow", "--filter", "--all"]),
        ("status", ["state", "address"]),
        ("invoke", ["key", "--event"]),
        ("preview", ["--out", "--preset", "--fit", "--watermark-text"]),
        ("teardown", ["--yes", "--dry-run", "3 to 15 minutes"]),
        ("demo", ["photo", "without an account"]),
        ("local", ["start", "stop", "status", "reset", "logs", "env"]),
    ],
)
@pytest.mark.parametrize("asking", ["-h", "--help"])
def test_each_commands_help_answers_what_people_ask(
    capsys: pytest.CaptureFixture[str], command: str, answers: list[str], asking: str
) -> None:
    """What it does, what it takes, and what holds otherwise."""
    code, text = ended(capsys, [command, asking])
    assert code == 0
    assert [answer for answer in answers if answer not in " ".join(text.split())] == []


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (["setpu"], 2, "Did you mean 'setup'?"),
        (["setup", "extra"], 2, "unexpected extra argument(s) (extra)"),
        (["status", "--region"], 2, "Option '--region' requires an argument"),
        (["--frobnicate", "status"], 2, "No such option: --frobnicate"),
        (["setup", "--output", "csv"], 2, "setup has no csv"),
        (["local", "status", "--output", "csv"], 2, "status has no csv"),
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
    assert _global_options.hoisted(given) == front


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
    ],
)
def test_the_next_command_leads_to_the_same_pipeline(
    capsys: pytest.CaptureFixture[str], given: list[str], next_command: str
) -> None:
    """Bare, it would lead to another stage, or from the embedded AWS into an account."""
    error = ImgpipeError("there is none", hint="set it up first", next=("setup",))
    assert _report.failed(error, where=_global_options.where(given), debug=False) == 1
    assert (
        capsys.readouterr().err
        == f"Error: there is none\n  Next: set it up first; {next_command}\n"
    )
