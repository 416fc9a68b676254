"""What logs and invoke show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from imgpipe.errors import NotSetUpError
from imgpipe.function.invoke import Invocation
from imgpipe.function.logs import LogLine
from imgpipe.render import invoke, logs
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

WHEN: Final = datetime(2026, 7, 1, 10, 0, 5, 123000, tzinfo=UTC)


def plain(level: str = "INFO", message: str = "processed a.jpg", **fields: Any) -> str:
    """A line as it is printed."""
    return logs.text(LogLine(WHEN, level, message, fields)).plain


def test_a_line_has_time_level_message_and_facts() -> None:
    """Texts bare, the rest as JSON."""
    assert plain(width=800, warnings="too small", more={"a": None}) == (
        '2026-07-01 10:00:05Z INFO  processed a.jpg width=800 warnings=too small more={"a": null}'
    )


def test_the_level_has_its_colour() -> None:
    """A failure is seen among a thousand lines."""
    shown = {
        level: [span.style for span in logs.text(LogLine(WHEN, level, "x")).spans]
        for level in ("INFO", "WARN", "ERROR", "OTHER")
    }
    assert shown == {"INFO": ["green"], "WARN": ["yellow"], "ERROR": ["red"], "OTHER": []}


def test_plain_text_stands_in_the_same_column() -> None:
    """Whatever the function prints has no level."""
    assert plain(level="", message="hello").index("hello") == plain(message="hello").index("hello")


def test_plumbing_is_left_to_json() -> None:
    """Request and upload ids fill lines that people read."""
    assert plain(requestId="r", upload_id="u", source_etag="e", width=1).endswith("a.jpg width=1")


def test_a_stack_trace_is_a_line_a_frame() -> None:
    """Below the error, indented as Python does."""
    assert plain(
        level="ERROR",
        message="ValueError: x",
        stackTrace=['  File "a.py", line 1, in f\n    raise x\n'],
    ).split("\n")[1:] == [
        '      File "a.py", line 1, in f',
        "        raise x",
    ]


def test_hostile_lines_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as markup nor as terminal commands, in whatever part they stand."""
    nasty = "[red]\x1b[2J\n"
    logs.lines(
        [LogLine(WHEN, nasty, nasty, {nasty: nasty, "list": [nasty], "stackTrace": [nasty, 5]})],
        Settings(),
    )
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.count(r"[red]\x1b[2J") == 5


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whole, and each as it comes: following has no end."""

    def lines() -> Iterator[LogLine]:
        yield LogLine(WHEN, "INFO", "ü", {"requestId": "r"})
        assert json.loads(capsys.readouterr().out) == {
            "time": "2026-07-01T10:00:05.123+00:00",
            "level": "INFO",
            "message": "ü",
            "fields": {"requestId": "r"},
            "platform": False,
        }
        yield LogLine(WHEN, "", "[1]")

    logs.lines(lines(), Settings(output="json"))
    assert json.loads(capsys.readouterr().out)["message"] == "[1]"


def test_no_lines_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With where to look further."""
    logs.lines([], Settings())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "--since" in captured.err


def test_no_group_yet_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with the next command."""
    logs.none_yet(NotSetUpError("there is no log group", hint="imgpipe setup"), Settings())
    assert capsys.readouterr() == ("", "There is no log group.\nNext: imgpipe setup\n")


def test_an_invocations_result_is_data_and_its_log_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that the result can be piped."""
    invoke.invocation(
        Invocation(
            {"processed": ["a"]}, failed=False, log=(LogLine(WHEN, "INFO", "done"),), seconds=0.25
        ),
        Settings(),
    )
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"processed": ["a"]}
    assert "INFO  done" in captured.err
    assert "Returned after 0.25 s" in captured.err


def test_a_failed_invocation_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda's description of it is the result."""
    invoke.invocation(Invocation({"errorType": "X"}, failed=True, log=(), seconds=1), Settings())
    assert "Failed after" in capsys.readouterr().err


def test_an_invocation_as_json_is_one_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Result, log and time together."""
    invoke.invocation(
        Invocation("x", failed=False, log=(LogLine(WHEN, "INFO", "done"),), seconds=1),
        Settings(output="json"),
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["result"], found["failed"], found["log"][0]["message"]) == ("x", False, "done")
