"""What ``local status`` shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from imgpipe.local import Emulator
from imgpipe.render._facts import facts
from imgpipe.render._screen import View
from imgpipe.render.untrusted import path_text


@dataclass(frozen=True)
class Standing:
    """The directory of the embedded AWS's state, and what runs on it: ``None`` if nothing does."""

    state: Path
    emulator: Emulator | None


@dataclass(frozen=True)
class LocalStatusRecord:
    """Whether and where the embedded AWS runs; its key is for ``local env`` alone."""

    running: Annotated[bool, "whether it runs"]
    state: Annotated[str, "the directory that keeps its state"]
    url: Annotated[str | None, "its address, while it runs"]
    pid: Annotated[int | None, "its process, while it runs"]
    account: Annotated[str | None, "its account's id, while it runs"]
    region: Annotated[str | None, "its region, while it runs"]


def _record(standing: Standing) -> LocalStatusRecord:
    state, emulator = path_text(standing.state), standing.emulator
    if emulator is None:
        return LocalStatusRecord(
            running=False, state=state, url=None, pid=None, account=None, region=None
        )
    return LocalStatusRecord(
        running=True,
        state=state,
        url=emulator.url,
        pid=emulator.pid,
        account=emulator.account,
        region=emulator.region,
    )


def _shown(standing: Standing) -> dict[str, str]:
    values = {**vars(_record(standing)), "running": "yes" if standing.emulator else "no"}
    return {name: str(value) for name, value in values.items() if value is not None}


VIEW: Final = View(_record, lambda standing, paper: facts(_shown(standing), paper))
STOPPED: Final = View(_record, lambda _standing, _paper: ())
"""For people, that it was stopped is said beside the data, and says it all."""
