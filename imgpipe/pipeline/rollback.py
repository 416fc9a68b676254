"""Bringing back the version that was served before: what it is, and how it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.function_state import UNPUBLISHED, snapshot, versions
from imgpipe.engine.reads import reading, require_ours
from imgpipe.engine.resource import Live, Properties
from imgpipe.errors import ImgpipeError, ServiceError, not_set_up
from imgpipe.function.start import Start, start
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.live import live_settings
from imgpipe.resources.alias import is_rolled_back, point, rolled_back, served
from imgpipe.resources.function import Function
from imgpipe.settings.difference import Change, changes, flat

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline

# An alias that was just pointed elsewhere may start for a moment what it started before.
_SEEN_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Past:
    """What a rollback would bring back.

    Attributes:
        serving: the number of the version that is served.
        version: the number of the one that was served before it.
        made: when that was made.
        by: how it is described, such as with the imgpipe that made it.
        code: Lambda's hash of its code.
        changes: the settings that would change, from what is served to what was.
    """

    serving: str
    version: str
    made: datetime
    by: str
    code: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class RolledBack:
    """A rollback that was done: what came back, and what became of starting it."""

    past: Past
    start: Start


def past(pipeline: Pipeline) -> Past:
    """Return what a rollback would bring back; nothing is changed.

    Raises:
        NotSetUpError: nothing is served.
        NotOursError: the function is somebody else's.
        ImgpipeError: there is nothing older.
    """
    aws, names = pipeline.aws, pipeline.names
    _require_ours(pipeline)
    alias = served(aws, names.function, names.alias)
    if alias is None:
        raise not_set_up()
    there = {each["Version"]: each for each in versions(aws, names.function)}
    serving = alias["FunctionVersion"]
    older = [each for each in there if serving == UNPUBLISHED or int(each) < int(serving)]
    if not older:
        raise _nothing_older(alias)
    before = there[older[-1]]
    return Past(
        serving=serving,
        version=before["Version"],
        made=datetime.fromisoformat(before["LastModified"]),
        by=before.get("Description", ""),
        code=before["CodeSha256"],
        changes=_changes(pipeline, there.get(serving, before), before),
    )


def roll_back(pipeline: Pipeline, found: Past) -> RolledBack:
    """Serve the version ``found`` again, once it starts; the newest one is kept.

    Where it is not known whether it starts, as for want of the permission to invoke or of capacity,
    it is served all the same: a rollback is for times when little works.

    Raises:
        ServiceError: it does not start, or is gone; what is served stays.
        NotSettledError: the alias goes on starting another one.
    """
    aws, names = pipeline.aws, pipeline.names
    first = start(aws, names.function, found.version)
    if first is None or first.starts is False:
        raise _does_not_start(found, first)
    point(aws, names.function, names.alias, rolled_back(found.serving, found.version))
    seen = aws.settle(
        lambda: start(aws, names.function, names.alias),
        lambda then: then is not None and (not then.starts or then.version == found.version),
        what=f"the alias {names.alias}",
        seconds=_SEEN_SECONDS,
        every=1,
    )
    return RolledBack(found, seen or first)


def _require_ours(pipeline: Pipeline) -> None:
    function = _function(pipeline)
    with reading([function], pipeline.aws) as reads:
        if require_ours(function, reads) is None:
            raise not_set_up()


def _function(pipeline: Pipeline) -> Function:
    """Return the function that pictures go through; the page's has no versions."""
    functions = (each for each in declared(pipeline) if isinstance(each, Function))
    return next(each for each in functions if each.name == pipeline.names.function)


def _changes(
    pipeline: Pipeline, now: Mapping[str, Any], then: Mapping[str, Any]
) -> tuple[Change, ...]:
    old, new = (_settings(pipeline, snapshot(each)) for each in (now, then))
    return tuple(replace(change, default=False) for change in changes(old, new, {}))


def _settings(pipeline: Pipeline, version: Properties) -> dict[str, Any]:
    """Return the settings that a version was made with, flat by key."""
    told = live_settings(pipeline, Live({_function(pipeline): {**version, "Tags": {}}}))
    return {**told.values, **(flat(told.recipe) if told.recipe else {})}


def _nothing_older(alias: Properties) -> ImgpipeError:
    version = alias["FunctionVersion"]
    if is_rolled_back(alias):
        return ImgpipeError(
            f"rolled back to version {version} already; there is nothing older",
            hint="setup brings the newest again",
            next=("setup",),
        )
    return ImgpipeError(
        f"there is nothing older than version {version} to bring back",
        hint="a setup that changes the function keeps the version that it replaces",
    )


def _does_not_start(found: Past, attempt: Start | None) -> ServiceError:
    error = attempt.error if attempt else None
    return ServiceError(
        f"version {found.version} {'does not start either' if attempt else 'is gone'}; "
        f"version {found.serving} goes on serving" + (f": {error.message}" if error else ""),
        hint=error.hint if error else "",
        next=("setup",),
        aws_code=error.aws_code if error else "",
    )
