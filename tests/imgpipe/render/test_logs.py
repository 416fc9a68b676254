"""What logs shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from imgpipe.function.lines import LogLine
from imgpipe.render import logs
from imgpipe.render._paper import Paper
from imgpipe.render._screen import Screen
from tests.support.shell import opened
from tests.support.shown import lines, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

WHEN: Final = datetime(2026, 7, 1, 10, 0, 5, 123000, tzinfo=UTC)


def plain(level: str = "INFO", message: str = "processed a.jpg", **fields: Any) -> str:
    """A line as a pipe gets it."""
    return "\n".join(lines(logs.VIEW, LogLine(WHEN, level, message, fields)))


def test_a_line_has_time_level_message_and_facts() -> None:
    """Texts bare, the rest as JSON."""
    assert plain(width=800, warnings="too small", more={"a": None}) == (
        '2026-07-01 10:00:05Z INFO  processed a.jpg width=800 warnings=too small more={"a": null}'
    )


def test_the_level_has_its_colour() -> None:
    """A failure is seen among a thousand lines."""
    styles = {
        level: [
            span.style
            for line in logs.VIEW.text(LogLine(WHEN, level, "x"), Paper())
            for span in line.spans
            if level in line.plain[span.start : span.end]
        ]
        for level in ("INFO", "WARN", "ERROR", "OTHER")
    }
    assert styles == {"INFO": ["green"], "WARN": ["yellow"], "ERROR": ["red"], "OTHER": []}


def test_only_lambdas_own_lines_are_dim() -> None:
    """What was said is what people came to read: the time may stand back, the message may not."""
    for platform in (False, True):
        line = LogLine(WHEN, "INFO", "processed", platform=platform)
        (shown,) = logs.VIEW.text(line, Paper())
        dim = [shown.plain[span.start : span.end] for span in shown.spans if span.style == "dim"]
        assert shown.style == ""
        assert ("processed" in dim) is platform


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


def test_hostile_lines_are_shown_not_obeyed() -> None:
    """Neither as markup nor as terminal commands, in whatever part they stand."""
    nasty = "[red]\x1b[2J\n"
    fields = {nasty: nasty, "list": [nasty], "stackTrace": [nasty, 5]}
    out = streamed(logs.VIEW, [LogLine(WHEN, nasty, nasty, fields)], "table")
    assert "\x1b" not in out
    assert out.count(r"[red]\x1b[2J") == 5


def test_json_is_an_envelope_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whole, and each as it comes: following has no end."""

    def said() -> Iterator[LogLine]:
        yield LogLine(WHEN, "INFO", "ü", {"requestId": "r"})
        assert opened(capsys.readouterr().out) == {
            "time": "2026-07-01T10:00:05.123+00:00",
            "level": "INFO",
            "message": "ü",
            "fields": {"requestId": "r"},
            "platform": False,
        }
        yield LogLine(WHEN, "", "[1]")

    Screen("logs", output="json").stream(logs.VIEW, said())
    assert opened(capsys.readouterr().out)["message"] == "[1]"
