"""Every probe at once, on one reading of the account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from imgpipe.pipeline import deployment, jobs
from imgpipe.pipeline.doctor import account, doors, links, own_name, quotas
from imgpipe.pipeline.doctor.probe import Finding, Patient, look
from imgpipe.resources.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgpipe.pipeline import Pipeline

PROBES: Final = (
    *links.PROBES,
    *doors.PROBES,
    *own_name.PROBES,
    *account.PROBES,
    *quotas.PROBES,
)
"""THE table of probes."""
_AT_ONCE: Final = 16


def examine(pipeline: Pipeline) -> Sequence[Finding]:
    """Return what became of each of ``PROBES``, in their order; nothing is changed.

    The function is started once, on nothing.
    """
    events = [*deployment.plan(pipeline).events, *jobs.standing(pipeline)]
    live = {type(event.resource): event.live for event in events if event.live}
    domain = str(live.get(Distribution, {}).get("DomainName", ""))
    patient = Patient(pipeline, {event.resource.title: event for event in events}, domain)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="probe") as pool:
        return list(pool.map(partial(look, patient=patient), PROBES))
