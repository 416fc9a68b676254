"""The way of a picture that was removed: its results, its place on the page and its copies go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imgpipe.function.answer import hint_for
from imgpipe.pictures.differences import ON_ITS_WAY
from imgpipe.pictures.story.evidence import Evidence
from imgpipe.pictures.story.step import MENDED, Advice, Moment, Outcome, Step, about, reconcile

_OK: Final = 200


def _removed(e: Evidence) -> Iterator[Moment]:
    for each in e.versions.value or ():
        if each.removed:
            yield Moment(f"delete marker {each.id}", each.modified)
        else:
            yield Moment(f"{each.size:,} bytes were uploaded, version {each.id}", each.modified)
    if e.versions.unknown:
        yield Moment(f"the original is gone; since when is not known: {e.versions.unknown}")
    elif not e.versions.value:
        yield Moment("the original is gone; a bucket without versions does not tell since when")


def _starts(e: Evidence) -> Iterator[Moment]:
    for each in e.tries:
        report = each.report
        took = f", {report.duration_ms:,.0f} ms" if report else ""
        failed = f", failed: {each.error}" if each.error else ""
        yield Moment(f"request {each.request_id or 'unknown'}{took}{failed}", each.began)


def _rows_gone(e: Evidence) -> Iterator[Moment]:
    if not e.rows.value:
        yield Moment("the table has none of it any more")
    elif not e.follows:
        yield Moment(f'{len(e.rows.value)} left, as removed = "keep" says')


def _left(e: Evidence) -> Advice:
    """What was made of it is there: the removal's event failed, is under way or never came."""
    if failure := e.given_up:
        why, hint = failure.reason, hint_for(failure.reason) or MENDED
        return Advice(Outcome.LEFT_OVER, why, hint, (about("retry", e.key),))
    gone = [each.modified for each in e.versions.value or () if each.removed]
    if gone and e.now - gone[-1] < ON_ITS_WAY:
        why = "it was removed a moment ago, and its results go within seconds"
        return Advice(Outcome.UNDER_WAY, why, "ask again", (about("explain", e.key),))
    why = "the original is gone, and what was made of it is not: no event came of the removal"
    return Advice(Outcome.LEFT_OVER, why, next=(reconcile(e.key),))


def _results_gone(e: Evidence) -> Iterator[Moment]:
    if not e.results.value:
        yield Moment("the destination bucket has none of it any more")


def _unseen(e: Evidence) -> Iterator[Moment]:
    served = [each for each in e.answers.value or () if each.status == _OK]
    if e.answers.value is not None and not served:
        for each in e.answers.value:
            yield Moment(f"{each.url}: {each.status}, {each.x_cache or 'no X-Cache'}")


def _still_served(e: Evidence) -> Advice:
    """An edge has a copy of a result that is gone."""
    url = next((each.url for each in e.answers.value or () if each.status == _OK), "the CDN")
    why = f"{url} still answers: an edge keeps its copy for five minutes at most"
    return Advice(Outcome.UNDER_WAY, why, "ask again", (about("explain", e.key),))


def _follows(e: Evidence) -> bool:
    return e.follows


def _has_tries(e: Evidence) -> bool:
    return bool(e.tries) or bool(e.invocations.unknown)


STEPS: Final = (
    Step("removed", ("original",), _removed, _left),
    Step("started", ("invocations",), _starts, _left, _has_tries),
    Step("row", ("rows",), _rows_gone, _left),
    Step("result", ("results",), _results_gone, _left, _follows),
    Step("CDN", ("answers",), _unseen, _still_served, _follows),
)
