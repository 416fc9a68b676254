"""The settings that the page's function tells: of the page, and of what is made on demand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from handler import schema
from handler.delivery_settings import DeliverySettings
from handler.group import Group
from handler.page_settings import PageSettings
from imgpipe.package import DELIVERY_ENTRY_POINT
from imgpipe.resources.function import Function
from imgpipe.resources.role import Role

if TYPE_CHECKING:
    from imgpipe.engine.resource import Live, Resource

G = TypeVar("G", bound=Group)


def is_main(resource: Resource) -> bool:
    """Say whether settings describe it: the functions beside, and their roles, none does."""
    if isinstance(resource, Role):
        return resource.invalidates is None and resource.destination is not None
    return not isinstance(resource, Function) or (
        resource.distribution is None and resource.handler != DELIVERY_ENTRY_POINT
    )


def page_of(live: Live) -> PageSettings | None:
    """Return the page's settings; a release before there were any says nothing."""
    text = _variables(live).get(schema.PAGE)
    return None if text is None else _read(PageSettings, text)


def delivery(live: Live) -> DeliverySettings | None:
    """Return what is made on demand; ``None`` where there is no function that could say.

    The page's function knows it, as it lets the edges forget. The one that makes the pictures is
    not looked at where they are not wanted.
    """
    variables = _variables(live)
    return _read(DeliverySettings, variables.get(schema.DELIVERY, "{}")) if variables else None


def _variables(live: Live) -> Mapping[str, str]:
    """Return the variables of the page's function."""
    functions = (each for each in live if isinstance(each, Function) and each.distribution)
    function = next(functions, None)
    return live[function]["Environment"]["Variables"] if function else {}


def _read(kind: type[G], text: str) -> G | None:
    try:
        return kind.from_mapping(json.loads(text))
    except (ValueError, TypeError, AttributeError):  # a newer release's, or by hand
        return None
