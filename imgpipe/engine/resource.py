"""What a pipeline is made of: frozen values that read, create, update and delete one resource each.

A dependency is a field that is a ``Resource``; there is no other list of them. ``properties`` is
pure: it takes what AWS made of the dependencies (their live properties, read-only attributes such
as ``Arn`` included) and returns the desired state in CloudFormation's words.
``imgpipe.engine.reconcile`` compares that with ``read`` and decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.errors import NotOursError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Properties = Mapping[str, Any]

OWNER_TAG: Final = "imgpipe:stage"
# The stack remembers by itself, as no file of one person's does, what a teardown must not do:
# "true" on one resource protects them all, and "true" on a resource keeps that one.
PROTECT_TAG: Final = "imgpipe:protect"
RETAIN_TAG: Final = "imgpipe:retain"
# On what was there before us.
ADOPTED_TAG: Final = "imgpipe:adopted"
# What a source bucket carries while nothing in it starts the function: the time it was paused.
PAUSED_TAG: Final = "imgpipe:paused"


class Unknown(str):
    """An attribute AWS gives only at creation: equal to nothing live, so a plan says "update"."""

    __slots__ = ()


class Live(dict["Resource", Properties]):
    """The live properties of every resource that is already there."""

    def attribute(self, resource: Resource, name: str) -> str:
        """Return ``resource``'s live property ``name``; an ``Unknown`` before its creation."""
        value = self.get(resource, {}).get(name)
        if value is None:
            return Unknown(f"({resource.type} {name} is known after setup)")
        return str(value)


@dataclass(frozen=True)
class Resource(ABC):
    """One resource under its physical ``name``; each verb is one step, safe to repeat.

    Attributes:
        type: CloudFormation's name of the resource type.
        immutable: an update makes another one in its place, with attributes not known before.
        revived: AWS itself may make it again after its deletion, under its name but untagged.
    """

    type: ClassVar[str]
    immutable: ClassVar[bool] = False
    revived: ClassVar[bool] = False
    name: str
    # A setup makes it; of what is not wanted it takes away what stands.
    wanted: bool = field(default=True, kw_only=True)
    # Whatever the settings say, no setup makes it, but the first command that needs it.
    when_needed: bool = field(default=False, kw_only=True)
    # Not needed: only made before this one, and taken away after it.
    after: Resource | None = field(default=None, kw_only=True)

    @property
    @abstractmethod
    def title(self) -> str:
        """What people call it, such as "source bucket"; no two of a pipeline share one."""

    @property
    def dependencies(self) -> tuple[Resource, ...]:
        """The resources among the fields: created before this one, deleted after it."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(value for value in values if isinstance(value, Resource))

    @abstractmethod
    def properties(self, live: Live) -> Properties:
        """Return the desired state of what we manage, in CloudFormation's words."""

    def replaced(self, changed: frozenset[str]) -> bool:
        """Say whether an update of ``changed`` makes another in its place."""
        return self.immutable

    @property
    def sought(self) -> bool:
        """Whether it may be absent, which nobody is told; who may not look finds nothing."""
        return self.when_needed or not self.wanted

    def let_go(self, aws: Aws, live: Properties) -> None:
        """Wait until nothing of it uses any more what a setup has taken out of it."""

    def keeping(self, desired: Properties, live: Properties) -> Properties:
        """Return ``desired``, but for what of ``live`` may stay as it is: by default nothing."""
        return desired

    @abstractmethod
    def read(self, aws: Aws) -> Properties | None:
        """Return the live state in the same words, plus read-only attributes; ``None`` = absent.

        Raises:
            NotOursError: the name belongs to somebody else.
        """

    @abstractmethod
    def create(self, aws: Aws, desired: Properties) -> None:
        """Make it so that ``read`` finds ``desired``, tagged from its first moment."""

    @abstractmethod
    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Change only the properties named in ``changed`` to ``desired``."""

    @abstractmethod
    def delete(self, aws: Aws, live: Properties) -> None:
        """Remove it; already gone is success."""

    def check_deletable(self, aws: Aws, live: Properties) -> None:
        """Raise ``ServiceError`` if AWS would refuse to delete it; asked before all goes."""

    @property
    def owner(self) -> Resource:
        """The resource whose tags answer for this one: itself, unless it is a part of another."""
        return self

    @abstractmethod
    def owned(self, live: Properties) -> bool:
        """Say whether ``live``, which ``read`` returned, is ours to change and delete."""

    def not_ours(self, live: Properties) -> NotOursError:
        """Return the error that says that ``live`` is somebody else's."""
        return NotOursError(
            f"{self.type} {self.name} exists and is not this pipeline's",
            hint=f"choose another name or --stage; or tag it {OWNER_TAG} with the stage's name "
            "to hand it over, for a teardown to delete as well",
        )

    def adoptable(self, live: Properties) -> bool:
        """Say whether ``live``, not ours so far, is to be made ours, because somebody said so."""
        return False

    def adopted(self, live: Properties) -> bool:
        """Say whether ``live``, which is ours, was there before us, and is only given back."""
        return False

    def require_room(self, aws: Aws) -> None:
        """Raise ``NotOursError`` where an owner to be adopted has such a part of its own."""


@dataclass(frozen=True)
class TaggedResource(Resource):
    """A resource that carries our tags, and is ours only if it does."""

    tags: tuple[tuple[str, str], ...]

    def owned(self, live: Properties) -> bool:
        """Say whether the owner tag names our stage."""
        return bool(live["Tags"].get(OWNER_TAG) == dict(self.tags)[OWNER_TAG])


@dataclass(frozen=True)
class OwnedPart(Resource):
    """What AWS cannot tag because it lives on another resource, such as a bucket's policy."""

    @property
    @abstractmethod
    def owner(self) -> Resource:
        """The resource this is a part of."""

    def owned(self, live: Properties) -> bool:
        """Return True: ownership is checked on ``owner``."""
        return True


@dataclass(frozen=True)
class InseparablePart(OwnedPart):
    """A part that AWS deletes with its owner: teardown only waits for that."""

    def delete(self, aws: Aws, live: Properties) -> None:
        """Do nothing: it goes with its owner, whose deletion comes first."""


def differences(desired: Properties, live: Properties) -> frozenset[str]:
    """Return the names of the properties that differ; tags somebody added are no difference."""
    return frozenset(
        name for name, value in desired.items() if not _same(name, value, live.get(name))
    )


def _same(name: str, desired: object, live: object) -> bool:
    if name == "Tags" and isinstance(desired, Mapping) and isinstance(live, Mapping):
        return desired.items() <= live.items()
    return desired == live


def with_unwanted(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """Return ``resources``, and behind them what they would depend on, were it wanted."""
    return tuple(dict.fromkeys((*resources, *_unwanted(resources))))


def _unwanted(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Yield what is not wanted of that, dependencies first."""
    for resource in resources:
        switched_off = [each for each in resource.dependencies if not each.wanted]
        yield from (*_unwanted(switched_off), *switched_off)
