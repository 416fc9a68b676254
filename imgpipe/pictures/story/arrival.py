"""The way of a picture that is there, or ought to be: from its upload to the CDN."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from imgpipe.function.answer import hint_for
from imgpipe.function.invocations import Invocation
from imgpipe.pictures.differences import ON_ITS_WAY
from imgpipe.pictures.story.evidence import Evidence
from imgpipe.pictures.story.step import MENDED, Advice, Moment, Outcome, Step, about, reconcile

# Lambda tries a failed event again after one minute and after two:
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_TRIES: Final = 3
_RETRIED_WITHIN: Final = timedelta(minutes=10)
_LONGEST: Final = timedelta(minutes=15)
_OK: Final = 200
_DAY: Final = timedelta(days=1)
_COLD: Final = {True: ", cold start", False: ", warm", None: ""}


def _uploads(e: Evidence) -> Iterator[Moment]:
    """Yield every version that there is, and every removal before the present one."""
    if not (now := e.original.value):
        return
    for each in (e.versions.value or ())[:-1]:
        if each.removed:
            yield Moment(f"removed before: delete marker {each.id}", each.modified)
        else:
            yield Moment(f"{each.size:,} bytes, version {each.id}, replaced since", each.modified)
    version = f", version {now.version}" if now.version else ""
    kind = f", {now.content_type}" if now.content_type else ""
    yield Moment(f"{now.size:,} bytes{kind}, ETag {now.etag}{version}", now.modified)


def _never_arrived(e: Evidence) -> Advice:
    """Nothing tells of such a picture: it never came, or all traces are gone."""
    return Advice(
        Outcome.NEVER_ARRIVED,
        f"there is no such object in {e.bucket}, and nothing tells that there was one",
        hint="look at the key: there is" if e.near else "upload it",
        next=tuple(about("explain", key) for key in e.near) or ("upload PHOTO",),
    )


def _starts(e: Evidence) -> Iterator[Moment]:
    for number, each in enumerate(e.tries, 1):
        again = f"try {number}: " if number > 1 else ""
        yield Moment(f"{again}{_started(each)}", each.began)
    if not e.tries and e.current:
        ids = sorted({row.request_id for row in e.current if row.request_id})
        yield Moment(f"request {', '.join(ids) or 'unknown'}; its log is not there any more")
    if not e.tries and not e.current and (failure := e.given_up):
        yield Moment(f"request {failure.request_id or 'unknown'}, tried {failure.attempts} times")


def _started(each: Invocation) -> str:
    report = each.report
    how = _COLD[report.cold] if report else ""
    took = f" of {report.init_ms:,.0f} ms" if report and report.init_ms else ""
    return f"request {each.request_id or 'unknown'}{how}{took}"


def _not_started(e: Evidence) -> Advice:
    """No event came of the upload, or none yet."""
    if e.key.endswith("/"):
        return Advice(Outcome.NO_PICTURE, "it is a folder of the console's: nothing is made of it")
    if e.wired.value is False:
        why = f"nothing is wired to {e.bucket}: no upload starts the function"
        return Advice(Outcome.UNPROCESSED, why, next=("setup", about("invoke", e.key)))
    age = e.now - e.original.value.modified if e.original.value else _DAY
    if age < ON_ITS_WAY:
        why = f"it came {max(age.total_seconds(), 0):.0f} s ago, and has not been begun yet"
        return Advice(
            Outcome.UNDER_WAY, why, "ask again in some seconds", (about("explain", e.key),)
        )
    if e.rows.value:
        return Advice(
            Outcome.UNPROCESSED,
            "it was replaced, and no event came of that: its results are those of the one before",
            next=(about("invoke", e.key), reconcile(e.key)),
        )
    return Advice(
        Outcome.UNPROCESSED,
        "no event came of its upload: it was there before the trigger, or came while that slept",
        next=(about("invoke", e.key), "reconcile"),
    )


def _ends(e: Evidence) -> Iterator[Moment]:
    for each in e.tries:
        if each.ended_well and (report := each.report):
            figures = (f"{each:,}" for each in (report.memory_used, report.memory) if each)
            memory = " of ".join(figures)
            took = f"{report.duration_ms:,.0f} ms{f', {memory} MB' if memory else ''}"
            yield Moment(took, each.began + timedelta(milliseconds=report.duration_ms))
    if e.current and not any(each.ended_well for each in e.tries):
        yield Moment(f"{max(row.duration for row in e.current):,} ms, as its row says")


def _not_ended(e: Evidence) -> Advice:
    """Every try failed, or the last one still runs."""
    if failure := e.given_up:
        reason = failure.reason
        return Advice(Outcome.FAILED, reason, hint_for(reason) or MENDED, (about("retry", e.key),))
    last = e.tries[-1] if e.tries else None
    if last is None:
        return Advice(
            Outcome.UNPROCESSED, "nothing tells of an end", next=(about("invoke", e.key),)
        )
    age = e.now - last.began
    if last.error and len(e.tries) < _TRIES and age < _RETRIED_WITHIN:
        why = f"{last.error}; AWS tries it again within minutes"
        return Advice(Outcome.UNDER_WAY, why, hint_for(last.error), (about("explain", e.key),))
    if last.error:
        next_ = (about("invoke", e.key), "logs --filter ERROR --since 1d")
        return Advice(Outcome.FAILED, last.error, hint_for(last.error) or MENDED, next_)
    if age < _LONGEST:
        why = "the function has begun it, and has not come to an end yet"
        return Advice(
            Outcome.UNDER_WAY, why, "ask again in some seconds", (about("explain", e.key),)
        )
    why = "the function began it, and its end is told nowhere"
    return Advice(Outcome.UNPROCESSED, why, next=(about("invoke", e.key),))


def _rows(e: Evidence) -> Iterator[Moment]:
    for row in e.current:
        time = _time(row.timestamp)
        if row.reason:
            yield Moment(f"rejected: {row.reason}", time)
        else:
            yield Moment(f"{row.filename}: {row.width} x {row.height}, {row.size:,} bytes", time)
        for warning in row.warnings:
            yield Moment(f"note on {row.filename}: {warning}", time)


def _no_rows(e: Evidence) -> Advice:
    """The function ended well, and the table does not say so."""
    why = "the function ended well, and the table has no row of it: somebody deleted it"
    return Advice(Outcome.INCOMPLETE, why, next=(reconcile(e.key),))


def _results(e: Evidence) -> Iterator[Moment]:
    if all(row.filename in (e.results.value or {}) for row in e.made):
        for row in e.made:
            yield Moment(f"{row.filename}: {(e.results.value or {})[row.filename]:,} bytes")


def _lost(e: Evidence) -> Advice:
    """A row tells of a result that is not in the destination bucket."""
    lost = [row.filename for row in e.made if row.filename not in (e.results.value or {})]
    why = f"{', '.join(lost)} was made, and is not in the destination bucket any more"
    return Advice(Outcome.INCOMPLETE, why, next=(reconcile(e.key),))


def _page(e: Evidence) -> Iterator[Moment]:
    if e.made and all((e.shown.value or {}).get(row.filename) for row in e.made):
        yield Moment("shows it")


def _not_on_page(e: Evidence) -> Advice:
    """The table's stream is seconds behind, or the page's function does not run."""
    newest = max((_time(row.timestamp) or e.now - _DAY for row in e.made), default=e.now - _DAY)
    if e.now - newest < ON_ITS_WAY:
        why = "the page follows the table within seconds"
        return Advice(Outcome.UNDER_WAY, why, "ask again", (about("explain", e.key),))
    why = "the page does not show it: the function that writes the page's data lags, or fails"
    return Advice(Outcome.INCOMPLETE, why, next=("status", "logs --filter ERROR --since 1d"))


def _answers(e: Evidence) -> Iterator[Moment]:
    answers = e.answers.value or ()
    if answers and all(each.status == _OK for each in answers):
        for each in answers:
            age = f", age {each.age:,} s" if each.age is not None else ""
            yield Moment(f"{each.url}: {each.status}, {each.x_cache or 'no X-Cache'}{age}")


def _not_served(e: Evidence) -> Advice:
    """CloudFront answers, and not with the picture."""
    bad = next((each for each in e.answers.value or () if each.status != _OK), None)
    told = f"{bad.url} answers {bad.status} ({bad.x_cache or 'no X-Cache'})" if bad else "no answer"
    hint = "an error is kept by the edges for 10 seconds, and a new distribution takes minutes"
    return Advice(Outcome.INCOMPLETE, told, hint, ("status",))


def _has_result(e: Evidence) -> bool:
    return not e.rejection


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


STEPS: Final = (
    Step("uploaded", ("original",), _uploads, _never_arrived),
    Step("started", ("invocations", "rows", "failures", "wired"), _starts, _not_started),
    Step("ended", ("invocations", "rows", "failures"), _ends, _not_ended),
    Step("row", ("rows",), _rows, _no_rows),
    Step("result", ("results", "rows"), _results, _lost, _has_result),
    Step("page", ("shown", "rows"), _page, _not_on_page, _has_result),
    Step("CDN", ("answers", "rows"), _answers, _not_served, _has_result),
)
