"""What setup shows: its plan, its progress, and in the end the address and the names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from rich.progress import SpinnerColumn, TimeElapsedColumn
from rich.text import Text

from imgpipe.engine.graph import Action
from imgpipe.pipeline.again import Advice
from imgpipe.pipeline.deployment import Deployed, Plan
from imgpipe.pipeline.own_domain import DnsRecord
from imgpipe.render import _changes
from imgpipe.render._again import expected
from imgpipe.render._board import narrated_with
from imgpipe.render._changes import ChangeRecord
from imgpipe.render._events import (
    PLAN_WORDS,
    SETUP_WORDS,
    ResourceRecord,
    lines,
    records,
)
from imgpipe.render._facts import facts
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.resources.edge_function import EdgeFunction
from imgpipe.settings.difference import Change

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource

WAITING: Final = (SpinnerColumn(), TimeElapsedColumn())


@dataclass(frozen=True)
class OutputsRecord:
    """What a person needs to go on."""

    url: Annotated[str, "the distribution's address"]
    source_bucket: Annotated[str, "where originals go"]
    destination_bucket: Annotated[str, "where results are"]
    table: Annotated[str, "the metadata table"]
    function: Annotated[str, "the function"]
    distribution_id: Annotated[str, "CloudFront's id of the distribution"]


@dataclass(frozen=True)
class LeftRecord:
    """Pictures that a setup leaves to be made; it makes none unasked."""

    why: Annotated[str, "what they have in common"]
    pictures: Annotated[int, "how many there are, or were counted"]
    complete: Annotated[bool, "whether these are all"]
    dollars: Annotated[float, "what it costs to make them, about"]
    seconds: Annotated[float, "how long it takes, about"]
    next: Annotated[str, "the command that makes them"]


@dataclass(frozen=True)
class DnsRecordRecord:
    """A DNS record that a person is to make, where Route 53 has not the domain."""

    name: Annotated[str, "its name, in full"]
    type: Annotated[str, "CNAME"]
    value: Annotated[str, "what it leads to"]
    why: Annotated[str, "what it is for"]
    elsewhere: Annotated[str, "why setup does not make it"]


@dataclass(frozen=True)
class SetupRecord:
    """How every resource ended, and what a person needs to go on."""

    resources: Annotated[list[ResourceRecord], "each resource, in the order in which it ended"]
    changes: Annotated[list[ChangeRecord], "what changed of the settings"]
    outputs: Annotated[OutputsRecord, "the address and the names"]
    left: Annotated[list[LeftRecord], "pictures that another recipe made, or nothing yet"]
    records_to_make: Annotated[list[DnsRecordRecord], "DNS records that a person is to make"]


@dataclass(frozen=True)
class Done:
    """A setup that succeeded, the pictures that it ``left`` to be made, and the records."""

    deployed: Deployed
    left: Sequence[Advice]
    to_make: Sequence[DnsRecord] = ()


@dataclass(frozen=True)
class PlanRecord:
    """What a setup would do; printed by ``setup --dry-run``."""

    resources: Annotated[list[ResourceRecord], "each resource, in the order of the declaration"]
    changes: Annotated[list[ChangeRecord], "what would change of the settings"]


def changes(found: Sequence[Change], leaving: Sequence[Resource], paper: Paper) -> Iterator[Text]:
    """Yield what a setup changes of the settings, old -> new, and what is ``leaving`` by that."""
    if found:
        yield Text("Changes of settings, live -> here:")
        yield from _changes.lines(found, paper)
        yield Text()
    if leaving:
        titles = ", ".join(each.title for each in leaving)
        yield from wrapped(f"Switched off, and so taken away: {titles}.", paper.width)
    if any(isinstance(each, EdgeFunction) for each in leaving):
        slow = "It goes once no edge of CloudFront asks for it, in 3 to 15 minutes."
        yield from wrapped(slow, paper.width)
    if leaving:
        yield Text()


def remarks(done: Deployed, notes: Sequence[str]) -> Iterator[str]:
    """Yield how much was changed, and if anything was, the ``notes`` on it."""
    changed = sum(event.action is not Action.NONE for event in done.events)
    yield f"\n{changed} changed, {len(done.events) - changed} unchanged."
    if changed:
        yield from (f"Note: {note}" for note in notes)


def left(found: Sequence[Advice]) -> Iterator[str]:
    """Yield how many pictures are to be made, and what that costs and takes."""
    for each in found:
        count = f"{each.expense.pictures:,}"
        which = f"{count} picture" if each.complete else f"More than {count} picture"
        plural = "s" * (each.expense.pictures != 1)
        yield f"{which}{plural} {each.why}; {expected(each.expense)} to make"


def records_to_make(found: Sequence[DnsRecord], paper: Paper) -> Iterator[Text]:
    """Yield the DNS records that a person is to make, and that the same command then goes on."""
    if not found:
        return
    yield from wrapped(
        f"\nMake where the domain's DNS is kept ({found[0].elsewhere}):", paper.width
    )
    for each in found:
        yield Text()
        shown = {"name": each.name, "type": each.type, "value": each.value, "why": each.why}
        yield from facts(shown, paper)
    yield Text("\nThen, to go on, or to see that nothing is left:")


def _record(done: Done) -> SetupRecord:
    deployed = done.deployed
    return SetupRecord(
        records(deployed.events, SETUP_WORDS),
        _changes.records(deployed.changes),
        OutputsRecord(**asdict(deployed.outputs)),
        [_left(each) for each in done.left],
        [DnsRecordRecord(**asdict(each)) for each in done.to_make],
    )


def _left(each: Advice) -> LeftRecord:
    found = each.expense
    dollars, seconds = round(found.dollars, 6), round(found.seconds, 1)
    return LeftRecord(each.why, found.pictures, each.complete, dollars, seconds, each.command)


def _plan_record(plan: Plan) -> PlanRecord:
    return PlanRecord(records(plan.events, PLAN_WORDS), _changes.records(plan.changes))


def _plan_text(plan: Plan, paper: Paper) -> Iterator[Text]:
    yield from changes(plan.changes, plan.leaving, paper)
    for event in plan.events:
        yield from lines(event, PLAN_WORDS, paper)


narrated = partial(narrated_with, SETUP_WORDS)
VIEW: Final = View(_record, lambda done, paper: facts(asdict(done.deployed.outputs), paper))
PLAN: Final = View(_plan_record, _plan_text)
