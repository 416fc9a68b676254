"""A probe: what it looks at, and what mends what it finds; and what became of looking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from imgpipe.aws.errors import denied, lacks_permission, translation
from imgpipe.errors import ImgpipeError

if TYPE_CHECKING:
    from imgpipe.engine.graph import Event
    from imgpipe.pipeline import Pipeline


class Verdict(StrEnum):
    """What became of a probe; a look that was not possible is no pass."""

    WELL = "well"
    WRONG = "wrong"
    ADVICE = "could be better"
    UNKNOWN = "not known"
    ELSEWHERE = "not on this endpoint"


class NotHereError(Exception):
    """The endpoint has no such thing to look at; its text says what."""


class AdviceError(Exception):
    """Nothing is wrong; its text says what would be safer."""


@dataclass(frozen=True)
class Patient:
    """What is looked at: the pipeline, what a plan read of each resource, the CDN's address."""

    pipeline: Pipeline
    events: Mapping[str, Event]
    domain: str


@dataclass(frozen=True)
class Probe:
    """One look: ``wrong`` yields what is wrong, a sentence each.

    Attributes:
        name: what it is called.
        looks_at: what must hold, in words.
        fix: what mends it, in words.
        next: the commands that do.
        wrong: raises ``NotHereError`` where the endpoint has no such thing.
    """

    name: str
    looks_at: str
    fix: str
    wrong: Callable[[Patient], Iterable[str]]
    next: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What became of a ``probe``, and the sentences that say more."""

    probe: Probe
    verdict: Verdict
    said: tuple[str, ...] = ()


def look(probe: Probe, patient: Patient) -> Finding:
    """Return what became of ``probe``; only what a bug can cause is raised."""
    try:
        said = tuple(probe.wrong(patient))
    except NotHereError as error:
        return Finding(probe, Verdict.ELSEWHERE, (str(error),))
    except AdviceError as error:
        return Finding(probe, Verdict.ADVICE, (str(error),))
    except ImgpipeError as error:
        verdict = Verdict.UNKNOWN if lacks_permission(error) else Verdict.WRONG
        return Finding(probe, verdict, (error.message,))
    except (ClientError, BotoCoreError) as error:
        return Finding(probe, Verdict.UNKNOWN, (_told(error),))
    return Finding(probe, Verdict.WRONG if said else Verdict.WELL, said)


def _told(error: Exception) -> str:
    ours = translation(error)
    if ours is None:
        raise error
    if isinstance(error, ClientError) and not denied(error):
        return f"{error.operation_name} was not answered: {ours.message}"
    return ours.message
