"""What a resource's verbs need, found by its type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from imgpipe.aws.actions import Grant
from imgpipe.engine.resource import Resource


@dataclass(frozen=True)
class Permissions:
    """What each verb needs. ``create`` and ``update`` may call ``read``, ``delete`` as well."""

    read: tuple[Grant, ...] = ()
    create: tuple[Grant, ...] = ()
    update: tuple[Grant, ...] = ()
    delete: tuple[Grant, ...] = ()


@singledispatch
def permissions(resource: Resource) -> Permissions:
    """Return what the verbs of ``resource`` need; ``NotImplementedError`` for an unknown type."""
    raise NotImplementedError(f"{resource.type} has no row in imgpipe.resources.permissions")
