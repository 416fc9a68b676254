"""What explain shows: one picture's story in one timeline, and which step is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from rich.text import Text

from handler.schema import Metadata
from imgpipe.function.invocations import Invocation
from imgpipe.function.lines import LogLine
from imgpipe.pictures.story.evidence import Answer, Version
from imgpipe.pictures.story.step import Outcome
from imgpipe.pictures.story.telling import State, Story
from imgpipe.render import failures, logs
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table
from imgpipe.render.failures import FailureRecord
from imgpipe.render.logs import LogRecord
from imgpipe.render.untrusted import printable

READING: Final = "Asking S3, the log, the table, the queue, the page and the CDN"
_COLUMNS: Final = (Column("TIME (UTC)", gives_way=1), Column("STEP"), Column("WHAT"))
_SAID: Final = "log"
_STYLES: Final = {
    Outcome.PROCESSED: "green",
    Outcome.REMOVED: "green",
    Outcome.UNDER_WAY: "yellow",
    Outcome.UNKNOWN: "yellow",
}
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Explained:
    """A story, and the ``next`` commands as they must be typed."""

    story: Story
    next: Sequence[str]


@dataclass(frozen=True)
class StoryStepRecord:
    """One step of the picture's way, in their order."""

    name: Annotated[str, "uploaded, started, ended, row, result, page or CDN; or removed"]
    state: Annotated[State, "open: an earlier one is missing; not due: it is not its way"]
    why: Annotated[str, "why it is not known; empty if it is"]


@dataclass(frozen=True)
class MomentRecord:
    """Something that happened."""

    time: Annotated[datetime | None, "when; null: it is so now"]
    step: Annotated[str, "the step it belongs to; log: a line of the log"]
    text: Annotated[str, "what happened"]


@dataclass(frozen=True)
class InvocationRecord:
    """One try of the function at the picture."""

    request_id: Annotated[str, "Lambda's id, the same for the tries of one event"]
    began: Annotated[datetime, "when"]
    cold_start: Annotated[bool | None, "whether its environment was new; null: not told yet"]
    init_ms: Annotated[
        float | None, "what the cold start took; 0: it was none, or not told; null: no report yet"
    ]
    duration_ms: Annotated[float | None, "what it took; null: no report yet"]
    memory_used: Annotated[int | None, "MB; 0: not told"]
    memory: Annotated[int | None, "MB that it had; 0: not told"]
    error: Annotated[str, "why it failed; empty if it did not"]
    lines: Annotated[list[LogRecord], "what was said, by function and Lambda"]


@dataclass(frozen=True)
class OriginalRecord:
    """A version of the original, or a delete marker."""

    id: Annotated[str, "S3's id of it; null in a bucket without versions"]
    modified: Annotated[datetime, "when it was put"]
    size: Annotated[int, "bytes"]
    etag: Annotated[str, "S3's ETag"]
    removed: Annotated[bool, "whether it is a delete marker"]


@dataclass(frozen=True)
class AnswerRecord:
    """What the CDN answers to a visitor now."""

    key: Annotated[str, "key of the result"]
    url: Annotated[str, "its address"]
    status: Annotated[int, "the HTTP status"]
    x_cache: Annotated[str, "CloudFront's X-Cache"]
    age: Annotated[int | None, "seconds that the edge has had it; null: not told"]


@dataclass(frozen=True)
class ExplainRecord:
    """One picture's story."""

    key: Annotated[str, "key of the original"]
    outcome: Annotated[Outcome, "how it stands"]
    missing: Annotated[str, "the first step that is missing; empty if none is"]
    why: Annotated[str, "why; empty where all is well"]
    hint: Annotated[str, "what helps, in words"]
    next: Annotated[list[str], "the commands that go on from here, as they must be typed"]
    steps: Annotated[list[StoryStepRecord], "its way, step by step"]
    timeline: Annotated[list[MomentRecord], "all that happened, the oldest first"]
    versions: Annotated[list[OriginalRecord], "versions of the original, the oldest first"]
    invocations: Annotated[list[InvocationRecord], "the function's tries, the oldest first"]
    rows: Annotated[list[Metadata], "the table's rows of it"]
    failures: Annotated[list[FailureRecord], "what the failure queue holds of it"]
    answers: Annotated[list[AnswerRecord], "the CDN's, one for each result"]


def _record(told: Explained) -> ExplainRecord:
    story, e = told.story, told.story.evidence
    return ExplainRecord(
        key=e.key,
        outcome=story.outcome,
        missing=story.missing,
        why=story.advice.why,
        hint=story.advice.hint,
        next=list(told.next),
        steps=[StoryStepRecord(each.name, each.state, each.why) for each in story.steps],
        timeline=_timeline(story),
        versions=[_version(each) for each in e.versions.value or ()],
        invocations=[_invocation(each) for each in e.invocations.value or ()],
        rows=list(e.rows.value or ()),
        failures=[failures.record(each) for each in e.failures.value or ()],
        answers=[_answer(each) for each in e.answers.value or ()],
    )


def _timeline(story: Story) -> list[MomentRecord]:
    """Return what happened, and what was said, in one order; what is so now comes last."""
    steps = [
        MomentRecord(moment.time, step.name, moment.text)
        for step in story.steps
        for moment in step.moments
    ]
    said = [
        MomentRecord(line.time, _SAID, _sentence(line))
        for each in story.evidence.tries
        for line in each.said
    ]
    return sorted([*steps, *said], key=lambda each: each.time or _LATEST)


def _sentence(line: LogLine) -> str:
    error = line.fields.get("error")
    level = f"{line.level} " if line.level else ""
    return f"{level}{line.message}{f': {error}' if error else ''}"


def _invocation(each: Invocation) -> InvocationRecord:
    report = each.report
    return InvocationRecord(
        request_id=each.request_id,
        began=each.began,
        cold_start=report.cold if report else None,
        init_ms=report.init_ms if report else None,
        duration_ms=report.duration_ms if report else None,
        memory_used=report.memory_used if report else None,
        memory=report.memory if report else None,
        error=each.error,
        lines=[logs.record(line) for line in each.lines],
    )


def _version(each: Version) -> OriginalRecord:
    return OriginalRecord(each.id, each.modified, each.size, each.etag, each.removed)


def _answer(each: Answer) -> AnswerRecord:
    return AnswerRecord(each.key, each.url, each.status, each.x_cache, each.age)


def _text(told: Explained, paper: Paper) -> Iterator[Text]:
    story = told.story
    style = _STYLES.get(story.outcome, "red")
    yield Text.assemble((printable(story.evidence.key), "bold"), "  ", (story.outcome, style))
    moments = _timeline(story)
    if moments:
        yield from table(_COLUMNS, [_cells(each) for each in moments], paper.width)
    if story.advice.why:
        what = f"{story.missing} is missing" if story.missing else str(story.outcome)
        text = f"{_capital(what)}: {printable(story.advice.why)}"
        yield from wrapped(Text(text, style), paper.width, "  ")
    for each in story.steps:
        if each.state is State.UNKNOWN and each.why != story.advice.why:
            yield from wrapped(f"Not known: {each.name}: {printable(each.why)}", paper.width, "  ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cells(each: MomentRecord) -> list[Text]:
    time = f"{each.time:%Y-%m-%d %H:%M:%S}" if each.time else "now"
    dim = "dim" if each.step == _SAID else ""
    return [Text(time, "dim"), Text(each.step, dim), Text(printable(each.text), dim)]


VIEW: Final = View(_record, _text)
