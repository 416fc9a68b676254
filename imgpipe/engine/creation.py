"""A resource brought about, whoever else is doing so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import existing
from imgpipe.engine.resource import Properties, Resource, differences

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


# How long something that "already exists" may not show in a read.
_VISIBLE_SECONDS: Final = 60.0


def bring_about(resource: Resource, aws: Aws, desired: Properties) -> None:
    """Create ``resource``; where it has come up meanwhile, make it what it should be.

    That happens when an answer got lost, so that botocore sent the call again, and when two setups
    run at the same time. Where it does not show at once, it is looked for once more.

    Raises:
        ClientError: it exists, but as somebody else's, or does not show.
    """
    try:
        resource.create(aws, desired)
    except ClientError as error:
        if not existing(error):
            raise
        live = _shown(resource, aws)
        if live is None or not resource.owned(live):
            raise
        if changed := differences(desired, live):
            resource.update(aws, desired, changed)


def _shown(resource: Resource, aws: Aws) -> Properties | None:
    """Return what a read shows of ``resource``, looked for as long as it may take to appear."""
    deadline = aws.clock() + _VISIBLE_SECONDS
    return aws.settle(
        lambda: resource.read(aws),
        lambda live: live is not None or aws.clock() >= deadline,
        what=f"{resource.type} {resource.name}",
        seconds=_VISIBLE_SECONDS,
    )
