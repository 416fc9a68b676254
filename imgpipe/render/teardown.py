"""What teardown shows: what would go, its progress, and the proof that nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from rich.text import Text

from imgpipe.aws.backups import Backup
from imgpipe.aws.objects import COUNTED
from imgpipe.engine.graph import Action
from imgpipe.pipeline.inventory import Inventory, Proof, TornDown
from imgpipe.render._board import narrated_with
from imgpipe.render._events import (
    DEPARTURE_WORDS,
    TEARDOWN_WORDS,
    ResourceRecord,
    records,
    resource_line,
)
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View

_FATES: Final = {
    Action.DELETE: "would be deleted",
    Action.GIVE_BACK: "were there before and would be given back, with all that is in them",
    Action.RETAIN: "would stay",
}


@dataclass(frozen=True)
class StandingRecord:
    """A resource that stands, and what a teardown would do with it."""

    type: Annotated[str, "CloudFormation's name of its kind"]
    name: Annotated[str, "its physical name"]
    title: Annotated[str, "what people call it"]
    state: Annotated[str, "to delete, to give back, or to keep"]


@dataclass(frozen=True)
class GivenBackRecord:
    """A bucket that was there before and was given back without a trace of ours."""

    name: Annotated[str, "its name"]
    objects_before: Annotated[int, "its objects and versions before the teardown"]
    objects: Annotated[int, "its objects and versions now"]


@dataclass(frozen=True)
class TeardownRecord:
    """What was deleted, or, where nothing was, what stands."""

    deleted: Annotated[list[ResourceRecord], "each resource, in the order in which it ended"]
    standing: Annotated[list[StandingRecord], "what stands, where nothing was deleted"]
    leftovers: Annotated[
        list[str] | None, "ARNs that older settings left behind; null: not allowed to look"
    ]
    foreign: Annotated[list[str], "what stands under our names without our tag, in words"]
    kept: Annotated[list[str], "what was to stay, and was found once more, in words"]
    given_back: Annotated[list[GivenBackRecord], "buckets that were there before"]
    backups: Annotated[
        list[str] | None, "what DynamoDB keeps of the table, in words; null: not allowed to look"
    ]


def standing(inventory: Inventory, paper: Paper) -> Iterator[Text]:
    """Yield the account, the region, what would go and what stays, with counts of objects."""
    where = f"account {inventory.account}, {inventory.region}"
    if not inventory.resources:
        yield from wrapped(f"Nothing of stage {inventory.stage!r} is in {where}.", paper.width)
    for action, fate in _FATES.items():
        there = [each for each, what in inventory.departures.items() if what is action]
        if not there:
            continue
        text = f"In {where}, stage {inventory.stage!r}, these {fate}:\n"
        yield from wrapped(text, paper.width)
        for resource in there:
            yield resource_line(resource, _held(inventory.objects.get(resource.name)), paper)
        yield Text()
    for note in inventory.notes:
        yield from wrapped(f"Note: {note}.", paper.width)


def proof(found: Proof) -> Iterator[str]:
    """Yield that everything was looked for once more and is gone, and what is left of older."""
    whose = " that are this pipeline's" if found.foreign else ""
    kept = " but what was to stay" if found.kept else ""
    yield f"\nChecked: none of the {found.checked} resources{whose} is left{kept}."
    yield from (f"Kept: {words}" for words in found.kept)
    for name, (before, now) in found.given_back.items():
        yield f"Given back: bucket {name}, {_counted(before)} before, {_counted(now)} now."
    yield from _backups(found)
    if found.kept:
        yield "The next setup takes it up again; --retain none lets a teardown take it."
    yield from (f"Left alone: {words}" for words in found.foreign)
    if found.leftovers is None:
        yield (
            "What earlier settings may have left was not looked for: "
            "these credentials may not call tag:GetResources."
        )
    if found.leftovers:
        yield (
            "Still tagged as this stage's, from earlier settings (bring those settings back and "
            "tear down, or delete them by hand):"
        )
        yield from (f"  {arn}" for arn in found.leftovers)


def _backups(found: Proof) -> Iterator[str]:
    if found.backups is None:
        yield (
            "Whether DynamoDB keeps backups of the table was not looked for: "
            "these credentials may not call dynamodb:ListBackups."
        )
    if found.backups is not None and not found.backups:
        yield "DynamoDB keeps no backup of the table."
    yield from (f"Kept by DynamoDB: {_worded(backup)}." for backup in found.backups or ())


def _worded(backup: Backup) -> str:
    until = f"{backup.expires:%Y-%m-%d}" if backup.expires else "somebody deletes it"
    return f"backup {backup.name}, until {until}"


def _held(objects: int | None) -> str:
    if objects is None:
        return ""
    return f"  ({_counted(objects)})"


def _counted(objects: int) -> str:
    return f"{objects:,}{'+' if objects >= COUNTED else ''} objects and versions"


def _standing_record(inventory: Inventory) -> TeardownRecord:
    there = [
        StandingRecord(each.type, each.name, each.title, DEPARTURE_WORDS[action])
        for each, action in inventory.departures.items()
    ]
    return TeardownRecord([], there, [], [], [], [], [])


def _record(done: TornDown) -> TeardownRecord:
    leftovers, backups = done.proof.leftovers, done.proof.backups
    return TeardownRecord(
        records(done.events, TEARDOWN_WORDS),
        [],
        None if leftovers is None else list(leftovers),
        list(done.proof.foreign),
        list(done.proof.kept),
        [GivenBackRecord(name, *held) for name, held in done.proof.given_back.items()],
        None if backups is None else [_worded(each) for each in backups],
    )


narrated = partial(narrated_with, TEARDOWN_WORDS)
VIEW: Final = View(_record, lambda _done, _paper: ())
UNTOUCHED: Final = View(_standing_record, lambda _inventory, _paper: ())
