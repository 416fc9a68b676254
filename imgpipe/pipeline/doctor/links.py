"""The chain from an upload to the CDN, link by link, by what a plan has read of each resource."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from imgpipe.engine.graph import Action, State
from imgpipe.function.start import start
from imgpipe.pipeline.doctor.probe import Patient, Probe

if TYPE_CHECKING:
    from imgpipe.engine.graph import Event

_SETUP: Final = ("setup --dry-run", "setup")
LINKS: Final = {
    "buckets": ("source bucket", "destination bucket"),
    "bucket policies": ("source bucket policy", "destination bucket policy"),
    "upload trigger": ("upload trigger", "trigger permission"),
    "functions": ("function", "function version", "function alias", "page function"),
    "self-test": ("self-test",),
    "layer": ("Pillow layer",),
    "roles": ("execution role", "page role"),
    "table": ("metadata table",),
    "page trigger": ("page trigger",),
    "page": ("gallery page", "page data"),
    "failures": ("failure queue", "retry settings"),
    "log group": ("log group",),
    "renditions on demand": (
        "delivery role",
        "delivery function",
        "delivery address",
        "delivery access",
        "signing keys",
        "edge function",
        "delivery permission",
        "delivery invocation",
    ),
    "distribution": ("CDN distribution", "CDN access"),
    "domain": ("certificate", "domain records"),
}
"""THE table of links: by name, the titles of the resources that make it."""


def _broken(titles: tuple[str, ...], patient: Patient) -> Iterator[str]:
    for title in titles:
        event = patient.events.get(title)
        # A role or a layer of somebody's own takes the place of ours.
        if event and not (event.state is State.DONE and event.action is Action.NONE):
            yield from _said(title, event)


def _said(title: str, event: Event) -> Iterator[str]:
    if event.error:
        raise event.error
    if event.action is Action.CREATE:
        yield f"the {title} is missing"
    elif event.action is Action.DELETE:
        yield f"the {title} is switched off, and stands"
    else:
        yield f"the {title} differs: {', '.join(sorted(event.changed))}"


def _starts(patient: Patient) -> Iterator[str]:
    names = patient.pipeline.names
    begun = start(patient.pipeline.aws, names.function, names.alias)
    if begun is None:
        yield "no function is served"
    elif begun.error:
        raise begun.error


PROBES: Final = (
    *(
        Probe(
            f"link: {name}",
            f"{' and '.join(titles)}: there, and as set up",
            "setup puts back what is missing or differs",
            partial(_broken, titles),
            _SETUP,
        )
        for name, titles in LINKS.items()
    ),
    Probe(
        "batch jobs",
        "the role and the bucket of batch jobs, where there are any: as they were made",
        "the next reprocess --batch puts back what is missing or differs",
        partial(_broken, ("jobs role", "jobs bucket", "jobs bucket policy")),
        ("reprocess --stale --batch",),
    ),
    Probe(
        "function starts",
        "the served version starts, its layer loads, and its role may use its key",
        "setup makes it anew; rollback serves the one before",
        _starts,
        ("setup", "rollback", "logs --since 10m"),
    ),
)
