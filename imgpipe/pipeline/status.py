"""How the pipeline is: its resources against the settings, whether it starts, what waits where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handler.keys import PREFIX
from imgpipe import cdn
from imgpipe.aws.errors import denied
from imgpipe.aws.objects import COUNTED, count_keys
from imgpipe.engine.graph import Action, Event, State
from imgpipe.errors import NotSetUpError, ServiceError
from imgpipe.function.start import Start, start
from imgpipe.pictures import differences, failures
from imgpipe.pipeline import deployment, jobs, own_domain, pausing
from imgpipe.pipeline.places import places
from imgpipe.resources.alias import Alias, is_rolled_back
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.queue import Queue
from imgpipe.settings import runtimes
from imgpipe.settings.difference import Change

if TYPE_CHECKING:
    from imgpipe.engine.resource import Properties
    from imgpipe.pictures.failures import Failure
    from imgpipe.pipeline import Pipeline


@dataclass(frozen=True)
class Health:
    """Every resource's event, the address once there is a distribution, and what waits where.

    ``uploaded`` and ``processed`` count objects, ``objects.COUNTED`` at most. ``start`` is what
    became of starting the function, ``None`` where none is served. ``rolled_back_to`` is the
    version that a rollback brought back, ``warnings`` say what will not work for ever.
    ``failures`` are some of those that wait, where they may be read. ``changes`` are what a setup
    would change of the settings. ``differences`` counts where originals, results, rows and page do
    not say the same, ``None`` where that is not to be compared. ``paused_since`` is when somebody
    paused it, empty where it is not. ``jobs`` are the events of what jobs stand on, where it does.
    """

    events: Sequence[Event]
    url: str
    uploaded: int
    processed: int
    failures_waiting: int
    start: Start | None = None
    rolled_back_to: str = ""
    warnings: Sequence[str] = ()
    failures: Sequence[Failure] = ()
    changes: Sequence[Change] = ()
    differences: int | None = None
    paused_since: str = ""
    jobs: Sequence[Event] = ()

    @property
    def in_sync(self) -> bool:
        """Whether a setup would change nothing."""
        return all(
            event.state is State.DONE and event.action is Action.NONE for event in self.events
        )


def health(pipeline: Pipeline, today: date | None = None) -> Health:
    """Compare every resource with the settings; start the function; count what waits."""
    today = today or datetime.now(UTC).date()
    aws, names = pipeline.aws, pipeline.names
    plan = deployment.plan(pipeline)
    there = {event.resource: event.live for event in plan.events if event.live}
    live = {type(resource): found for resource, found in there.items()}
    distribution = live.get(Distribution)
    failed = failures.glance(aws, names.queue) if Queue in live else None
    return Health(
        events=plan.events,
        url=(cdn.url(aws, own_domain.address(distribution), "") if distribution else ""),
        uploaded=count_keys(aws, names.source_bucket, _is_original),
        processed=count_keys(aws, names.destination_bucket, _is_result),
        start=start(aws, names.function, names.alias) if Alias in live else None,
        rolled_back_to=_rolled_back_to(live.get(Alias)),
        warnings=[*filter(None, [runtimes.notice(pipeline.settings.runtime, today)])],
        failures_waiting=failed.waiting if failed else 0,
        failures=failed.found if failed else (),
        changes=plan.changes,
        differences=_differences(pipeline),
        paused_since=pausing.told_since(there),
        jobs=jobs.standing(pipeline),
    )


def require_sound(health: Health) -> None:
    """Raise ``ServiceError`` where a resource failed, or the function does not start.

    What a setup has yet to do is no failure.
    """
    failed = [event.resource.title for event in health.events if event.state is State.FAILED]
    broken = health.start is not None and health.start.starts is False
    parts = (*failed, *(["a function that does not start"] if broken else []))
    if parts:
        raise ServiceError(
            f"something is wrong with {', '.join(parts)}",
            hint="mend what is said above, then look again",
            next=("status",),
        )


def _differences(pipeline: Pipeline) -> int | None:
    """Return how many there are; ``None`` where that is too much to read, or not to be read."""
    try:
        return differences.count(pipeline.aws, places(pipeline), COUNTED)
    except NotSetUpError:
        return None
    except ClientError as error:
        if denied(error):
            return None
        raise


def _rolled_back_to(alias: Properties | None) -> str:
    return str(alias["FunctionVersion"]) if alias and is_rolled_back(alias) else ""


def _is_original(key: str) -> bool:
    return not key.endswith("/")


def _is_result(key: str) -> bool:
    return key.rpartition("/")[2].startswith(PREFIX)
