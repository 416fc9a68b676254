"""A picture's story: its steps in their order, the first one that is missing, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from imgpipe.pictures.story import arrival, removal
from imgpipe.pictures.story.evidence import Evidence
from imgpipe.pictures.story.step import Advice, Moment, Outcome, Step, about


class State(StrEnum):
    """How a step stands; ``OPEN`` = an earlier one is missing, ``NOT_DUE`` = it is not its way."""

    DONE = "done"
    MISSING = "missing"
    UNKNOWN = "unknown"
    OPEN = "open"
    NOT_DUE = "not due"


@dataclass(frozen=True)
class Told:
    """A step as it stands: what happened, or ``why`` it is not known."""

    name: str
    state: State
    moments: Sequence[Moment] = ()
    why: str = ""


@dataclass(frozen=True)
class Story:
    """What became of a picture: its steps, and of the one that is ``missing`` the advice."""

    evidence: Evidence
    steps: Sequence[Told]
    missing: str
    advice: Advice

    @property
    def outcome(self) -> Outcome:
        """How it stands, in a word or two."""
        return self.advice.outcome


_REMOVED: Final = Advice(Outcome.REMOVED, "")
_PROCESSED: Final = Advice(Outcome.PROCESSED, "")


def tell(evidence: Evidence) -> Story:
    """Return the story that ``evidence`` tells; nothing is read for it."""
    gone = evidence.original.value is None and not evidence.original.unknown
    steps = removal.STEPS if gone and evidence.has_traces else arrival.STEPS
    told = list(_told(steps, evidence))
    missing = next((each.name for each in told if each.state is State.MISSING), "")
    absent = {step.name: step.absent for step in steps}
    if missing:
        return Story(evidence, told, missing, absent[missing](evidence))
    return Story(evidence, told, "", _whole(steps, told, evidence))


def _told(steps: Sequence[Step], evidence: Evidence) -> Iterator[Told]:
    missing = False
    for step in steps:
        moments = list(step.found(evidence)) if step.due(evidence) else []
        unknown = [why for name in step.reads if (why := getattr(evidence, name).unknown)]
        if not step.due(evidence):
            yield Told(step.name, State.NOT_DUE)
        elif missing:
            yield Told(step.name, State.OPEN)
        elif moments:
            yield Told(step.name, State.DONE, moments)
        elif unknown:
            yield Told(step.name, State.UNKNOWN, why="; ".join(dict.fromkeys(unknown)))
        else:
            missing = True
            yield Told(step.name, State.MISSING)


def _whole(steps: Sequence[Step], told: Sequence[Told], evidence: Evidence) -> Advice:
    """Return how a story stands of which no step is known to be missing."""
    if evidence.rejection:
        again = ("preview PHOTO", "upload PHOTO")
        return Advice(Outcome.REJECTED, evidence.rejection, "with a file that can be read", again)
    if all(each.state in {State.DONE, State.NOT_DUE} for each in told):
        return _REMOVED if steps is removal.STEPS else _PROCESSED
    why = next(each.why for each in told if each.state is State.UNKNOWN)
    hint = "ask for that permission, or use another --profile"
    return Advice(Outcome.UNKNOWN, why, hint, (about("explain", evidence.key),))
