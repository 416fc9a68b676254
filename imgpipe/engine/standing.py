"""What stands: ours, somebody else's, and whether a teardown may take it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.engine.graph import Action
from imgpipe.engine.reads import not_ours, ours, reading
from imgpipe.engine.resource import OWNER_TAG, PROTECT_TAG, RETAIN_TAG, Properties, Resource
from imgpipe.errors import NotOursError, NotSettledError, ProtectedError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Retained = Callable[[Resource, Properties], bool]
"""Says of a resource, given its live state, whether a teardown keeps it."""

# IAM, SQS and S3 may show a deleted thing once more; SQS names the longest: 60 s.
_ECHO_SECONDS: Final = 60.0


def told_to_stay(_: Resource, live: Properties) -> bool:
    """Say whether a resource's own tag tells a teardown to keep it."""
    return _tagged(live, RETAIN_TAG)


def departures(
    resources: Sequence[Resource], aws: Aws, retained: Retained = told_to_stay
) -> dict[Resource, Action]:
    """Return ``remaining``, once AWS would let go all that is to be deleted.

    Raises:
        ProtectedError: they are protected, all of them.
        ServiceError: one is protected by AWS, or bound to something else.
    """
    with reading(resources, aws) as reads:
        there = ours(reads)
    require_unprotected(there.values())
    found = {each: departure(each, live, retained) for each, live in there.items()}
    for resource, action in found.items():
        if action is Action.DELETE:
            with translated():
                resource.check_deletable(aws, there[resource])
    return found


def remaining(
    resources: Sequence[Resource], aws: Aws, retained: Retained = told_to_stay
) -> dict[Resource, Action]:
    """Return the resources that are there and ours, each with what a teardown does with it."""
    with reading(resources, aws) as reads:
        return {each: departure(each, live, retained) for each, live in ours(reads).items()}


def remaining_after_teardown(
    resources: Sequence[Resource], aws: Aws, retained: Retained = told_to_stay
) -> dict[Resource, Action]:
    """Return what ``remaining`` does once AWS's late echoes of deleted things are over."""
    try:
        return aws.settle(
            lambda: remaining(resources, aws, retained),
            lambda left: set(left.values()) <= {Action.RETAIN},
            what="teardown",
            seconds=_ECHO_SECONDS,
        )
    except NotSettledError:
        return remaining(resources, aws, retained)


def foreign(resources: Collection[Resource], aws: Aws) -> tuple[NotOursError, ...]:
    """Return the errors that say what stands under our names and is not ours."""
    with reading(resources, aws) as reads:
        errors = [not_ours(each, reads) for each in resources if each.owner == each]
    return tuple(error for error in errors if error is not None)


def require_unprotected(there: Iterable[Properties]) -> None:
    """Raise ``ProtectedError`` where one of the live states carries the tag that protects all."""
    for live in there:
        if _tagged(live, PROTECT_TAG):
            stage = live["Tags"][OWNER_TAG]
            raise ProtectedError(
                f"stage {stage!r} is protected: a teardown takes nothing of it",
                hint="lift that first; protect = true in imgpipe.toml would bring it back",
                next=("setup --no-protect", "teardown"),
            )


def departure(resource: Resource, live: Properties, retained: Retained) -> Action:
    """Return what a teardown does with ``resource``, which is ours."""
    if retained(resource, live):
        return Action.RETAIN
    return Action.GIVE_BACK if resource.adopted(live) else Action.DELETE


def _tagged(live: Properties, tag: str) -> bool:
    return bool(live.get("Tags", {}).get(tag) == "true")
