"""What stands in for the rest of the pipeline, and a resource's verbs on top of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imgpipe.engine.resource import Live, Properties, Resource, differences

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class Given(Resource):
    """A dependency that is simply there, with these live properties."""

    type: ClassVar[str] = "Test::Given"
    title: ClassVar[str] = "stand-in"
    attributes: tuple[tuple[str, str], ...] = ()

    def properties(self, live: Live) -> Properties:
        return dict(self.attributes)

    def read(self, aws: Aws) -> Properties:
        return dict(self.attributes)

    def create(self, aws: Aws, desired: Properties) -> None:
        raise AssertionError

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        raise AssertionError

    def delete(self, aws: Aws, live: Properties) -> None:
        raise AssertionError

    def owned(self, live: Properties) -> bool:
        return True


def desired(aws: Aws, resource: Resource) -> Properties:
    """Return what ``resource`` should be, on what its dependencies are now."""
    return resource.properties(
        Live({each: live for each in resource.dependencies if (live := each.read(aws)) is not None})
    )


def drift(aws: Aws, resource: Resource) -> frozenset[str]:
    """Return what differs between the desired and the live state of ``resource``."""
    return differences(desired(aws, resource), resource.read(aws) or {})


def create(aws: Aws, resource: Resource) -> None:
    """Create ``resource``."""
    resource.create(aws, desired(aws, resource))


def update(aws: Aws, resource: Resource) -> frozenset[str]:
    """Bring ``resource`` to its desired state; return what differed."""
    changed = drift(aws, resource)
    resource.update(aws, desired(aws, resource), changed)
    return changed
