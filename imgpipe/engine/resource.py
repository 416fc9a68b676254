"""What the pipeline is made of: a frozen value that can read, create, update and delete one CloudFormation resource type.

A dependency is a field that is a ``Resource``; there is no other list of them. ``properties`` is pure: it takes what AWS
made of the dependencies (their live properties, read-only attributes such as ``Arn`` included) and returns the desired
state in CloudFormation's words. The engine in ``stack.py`` compares that with ``read`` and decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import existing

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

Properties = Mapping[str, Any]

OWNER_TAG: Final = "imgpipe:stage"


class Unknown(str):
    """Stands for an attribute AWS gives only when the resource is created; equal to nothing live, so a plan says "update"."""

    __slots__ = ()


class Live(dict["Resource", Properties]):
    """The live properties of every resource that is already there."""

    def attribute(self, resource: Resource, name: str) -> str:
        """Return ``resource``'s live property ``name``, or an ``Unknown`` while it is not created."""
        found = self.get(resource, {}).get(name)
        return (
            Unknown(f"({resource.type} {name} is known after setup)")
            if found is None
            else str(found)
        )


@dataclass(frozen=True)
class Resource(ABC):
    """One resource of the pipeline under its physical ``name``. Every verb is one step, safe to repeat after a crash."""

    type: ClassVar[str]
    # Whether an update makes another one in its place: its attributes are then not known before.
    immutable: ClassVar[bool] = False
    name: str

    @property
    @abstractmethod
    def title(self) -> str:
        """What people call it, such as "source bucket": no two of a pipeline share one. ``type`` is AWS's own name."""

    @property
    def dependencies(self) -> tuple[Resource, ...]:
        """The resources among the fields: they are created before this one and deleted after it."""
        return tuple(
            value for f in fields(self) if isinstance(value := getattr(self, f.name), Resource)
        )

    @abstractmethod
    def properties(self, live: Live) -> Properties:
        """Return the desired state, only what we manage, in CloudFormation's words and normalised as ``read`` does."""

    @abstractmethod
    def read(self, aws: Aws) -> Properties | None:
        """Return the live state in the same words, plus read-only attributes such as ``Arn``; ``None`` = absent.

        Raises:
            NotOursError: the name belongs to somebody else.
        """

    @abstractmethod
    def create(self, aws: Aws, desired: Properties) -> None:
        """Make it so that ``read`` finds ``desired``; carries the tags from its first moment, so a crash loses nothing."""

    @abstractmethod
    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Change only the properties named in ``changed`` to ``desired``."""

    @abstractmethod
    def delete(self, aws: Aws, live: Properties) -> None:
        """Remove it; already gone is success."""

    @property
    def owner(self) -> Resource:
        """The resource whose tags answer for this one: itself, unless it is a part of another."""
        return self

    @abstractmethod
    def owned(self, live: Properties) -> bool:
        """Say whether ``live``, which ``read`` returned, is ours to change and delete."""


@dataclass(frozen=True)
class TaggedResource(Resource):
    """A resource that carries our tags, and is ours only if it does."""

    tags: tuple[tuple[str, str], ...]

    def owned(self, live: Properties) -> bool:
        """Ours is what carries our stage in the owner tag; anything else is somebody else's."""
        return bool(live["Tags"].get(OWNER_TAG) == dict(self.tags)[OWNER_TAG])


@dataclass(frozen=True)
class OwnedPart(Resource):
    """What AWS cannot tag because it lives on another resource, such as a bucket's policy: its ``owner`` answers for it."""

    @property
    @abstractmethod
    def owner(self) -> Resource:
        """The resource this is a part of."""

    def owned(self, live: Properties) -> bool:
        """Whoever owns the owner owns its parts."""
        return True


def bring_about(resource: Resource, aws: Aws, desired: Properties) -> None:
    """Create ``resource``; where it has come up meanwhile, make it what it should be.

    That happens when an answer got lost, so that botocore sent the call again, and when two setups run at the same time.
    """
    try:
        resource.create(aws, desired)
    except ClientError as error:
        found = resource.read(aws) if existing(error) else None
        if found is None or not resource.owned(found):
            raise
        if changed := differences(desired, found):
            resource.update(aws, desired, changed)


def differences(desired: Properties, live: Properties) -> frozenset[str]:
    """Return the names of the properties that differ. Tags somebody added to ours are theirs to keep."""
    return frozenset(
        name for name, value in desired.items() if not _same(name, value, live.get(name))
    )


def _same(name: str, desired: object, live: object) -> bool:
    if name == "Tags" and isinstance(desired, Mapping) and isinstance(live, Mapping):
        return desired.items() <= live.items()
    return desired == live
