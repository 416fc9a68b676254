"""What rollback shows: the version that comes back, what differs in it, and that it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from rich.text import Text

from imgpipe.function.start import Start
from imgpipe.pipeline.rollback import Past, RolledBack
from imgpipe.render import _changes
from imgpipe.render._changes import ChangeRecord
from imgpipe.render._facts import facts
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View

_STARTS: Final = {
    True: "it starts",
    False: "it does not start",
    None: "whether it starts is not known",
}


@dataclass(frozen=True)
class RollbackRecord:
    """The version that a rollback brought back, or would."""

    rolled_back: Annotated[bool, "whether it is served now"]
    replaced: Annotated[str, "the version that was served, and is kept"]
    version: Annotated[str, "the version that was served before it"]
    made: Annotated[datetime, "when that was made"]
    by: Annotated[str, "how it is described, such as with the imgpipe that made it"]
    code: Annotated[str, "Lambda's hash of its code"]
    changes: Annotated[list[ChangeRecord], "what differs in its settings, from now to then"]
    starts: Annotated[bool | None, "whether it starts; null: not tried, or not found out"]


def found(past: Past, paper: Paper) -> Iterator[Text]:
    """Yield the version that would come back, and what differs in its settings, now -> then."""
    yield from facts(
        {
            "serves_now": f"version {past.serving}",
            "brings_back": f"version {past.version}",
            "made": f"{past.made:%Y-%m-%d %H:%M:%SZ}",
            "by": past.by or "-",
            "code": past.code,
        },
        paper,
    )
    yield Text()
    if past.changes:
        yield Text("Changes of settings, now -> then:")
        yield from _changes.lines(past.changes, paper)
    else:
        yield Text("Its settings are the same; its code or its layer differs.")
    yield Text()


def _record(past: Past, start: Start | None = None) -> RollbackRecord:
    return RollbackRecord(
        rolled_back=start is not None,
        replaced=past.serving,
        version=past.version,
        made=past.made,
        by=past.by,
        code=past.code,
        changes=_changes.records(past.changes),
        starts=start.starts if start else None,
    )


def _done_record(done: RolledBack) -> RollbackRecord:
    return _record(done.past, done.start)


def _text(done: RolledBack, _: Paper) -> Iterator[Text]:
    yield Text(f"Version {done.past.version} is served again; {_STARTS[done.start.starts]}.")


VIEW: Final = View(_done_record, _text)
UNTOUCHED: Final = View(_record, lambda _past, _paper: ())
