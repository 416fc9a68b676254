"""What teardown shows: what would go, its progress, and the proof that nothing is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from imgpipe.pipeline.status import COUNTED
from imgpipe.render._events import TEARDOWN_WORDS, narrate, records
from imgpipe.render._screen import narration, print_json

if TYPE_CHECKING:
    from imgpipe.engine.graph import Event
    from imgpipe.pipeline.status import Inventory, Proof
    from imgpipe.settings import Settings


def inventory(found: Inventory, settings: Settings) -> None:
    """Name the account, the region, and what would go, with the buckets' object counts."""
    talk = narration(quiet=settings.quiet)
    if not found.resources:
        talk.print(
            f"Nothing of stage {settings.stage!r} is in account {found.account}, {found.region}."
        )
        return
    talk.print(
        f"In account {found.account}, {found.region}, stage {settings.stage!r}, these would be deleted:\n"
    )
    for resource in found.resources:
        talk.print(
            f"  {resource.type:<40} {resource.name}{_held(found.objects.get(resource.name))}"
        )
    talk.print("")


def untouched(found: Inventory, settings: Settings) -> None:
    """Say that nothing was deleted."""
    if settings.output == "json":
        print_json(
            {
                "deleted": [],
                "standing": [{"type": each.type, "name": each.name} for each in found.resources],
            }
        )
    narration(quiet=settings.quiet).print("Nothing was deleted.")


def narrated(events: Iterable[Event], settings: Settings) -> list[Event]:
    """Print each resource as it goes and return how each ended."""
    return narrate(events, TEARDOWN_WORDS, narration(quiet=settings.quiet))


def done(events: Sequence[Event], proof: Proof, settings: Settings) -> None:
    """Print the proof: everything was looked for once more, and is gone; what older settings left behind is named."""
    if settings.output == "json":
        print_json({"deleted": records(events, TEARDOWN_WORDS), "leftovers": proof.leftovers})
    talk = narration(quiet=settings.quiet)
    talk.print(f"\nChecked: none of the {proof.checked} resources is left.")
    if proof.leftovers is None:
        talk.print(
            "What earlier settings may have left was not looked for: these credentials may not call tag:GetResources."
        )
    if proof.leftovers:
        talk.print(
            "Still tagged as this stage's, from earlier settings (bring those settings back and tear down, or delete them by hand):"
        )
        for arn in proof.leftovers:
            talk.print(f"  {arn}")


def _held(objects: int | None) -> str:
    if objects is None:
        return ""
    return f"  ({objects:,} {'or more ' if objects >= COUNTED else ''}objects and versions)"
