"""CloudFront's way to write lists, to and from plain ones; one configuration laid over another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Config = Mapping[str, Any]


def plain(node: Any) -> Any:
    """Return ``node`` with each ``{"Quantity": n, "Items": [...]}`` in it as a list.

    Methods, which are in no order, are sorted.
    """
    if isinstance(node, Mapping) and "Quantity" in node:
        items = [plain(each) for each in node.get("Items") or []]
        return sorted(items) if "CachedMethods" in node else items
    if isinstance(node, Mapping):
        return {name: plain(value) for name, value in node.items()}
    return node


def spelled(element: Config) -> dict[str, Any]:
    """Return ``element`` with each list in it as CloudFront writes it."""
    return {name: _spelled(name, value) for name, value in element.items()}


def _spelled(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return spelled(value)
    if not isinstance(value, list):
        return value
    items = _listed([spelled(each) if isinstance(each, Mapping) else each for each in value])
    # What may be asked for is cached, too.
    return {**items, "CachedMethods": items} if name == "AllowedMethods" else items


def like(live: Any, shape: Any) -> Any:
    """Return ``live`` cut down to the members that ``shape`` has."""
    if isinstance(shape, Mapping):
        return {name: like((live or {}).get(name), value) for name, value in shape.items()}
    if isinstance(shape, list) and shape and isinstance(shape[0], Mapping):
        return [like(each, shape[0]) for each in live or []]
    return live


def over(below: Config | None, above: Config) -> dict[str, Any]:
    """Return ``below`` with ``above`` laid over it, at every depth."""
    there = below or {}
    return {
        **there,
        **{
            name: over(there.get(name), value) if isinstance(value, Mapping) else value
            for name, value in above.items()
        },
    }


def laid_over(below: Config | None, above: Iterable[Config], key: str) -> dict[str, Any]:
    """Return a CloudFront list with each of ``above`` laid over its namesake, or set before all.

    Of several behaviors that match a path, the first counts.
    """
    there = {each[key]: each for each in _items(below)}
    ours = {each[key]: over(there.get(each[key]), spelled(each)) for each in above}
    new = {name: each for name, each in ours.items() if name not in there}
    return _listed({**new, **there, **ours}.values())


def without(listed: Config | None, goes: Callable[[Config], bool]) -> dict[str, Any]:
    """Return a CloudFront list without what ``goes``."""
    return _listed(each for each in _items(listed) if not goes(each))


def _items(listed: Config | None) -> list[Any]:
    return list((listed or {}).get("Items") or [])


def _listed(items: Iterable[Any]) -> dict[str, Any]:
    elements = list(items)
    return {"Quantity": len(elements), **({"Items": elements} if elements else {})}
