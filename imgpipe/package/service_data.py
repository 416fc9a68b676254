"""botocore's own service descriptions, cut down to the operations the handler calls.

Half of a cold start otherwise.

A fresh botocore lists some 400 folders and reads 1 MB of S3 before it makes its first client. The
handler gives its session a ``Loader`` that knows only the folder written here
(``handler/services.py``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from botocore.loaders import create_loader

from handler.schema import OPERATIONS
from imgpipe.package.endpoint_rules import pared

if TYPE_CHECKING:
    from botocore.loaders import Loader

_SHARED: Final = ("partitions", "sdk-default-configuration", "_retry")
_DOCUMENTATION: Final = frozenset({"documentation", "documentationUrl"})


@cache
def service_data() -> Mapping[str, bytes]:
    """Return botocore's data files, path -> JSON, cut to what the handler's operations need."""
    loader = create_loader()
    files = {name: loader.load_data(name) for name in _SHARED}
    files["endpoints"] = _endpoints(loader.load_data("endpoints"))
    for service, operations in OPERATIONS.items():
        files |= _service(loader, service, operations)
    return {
        f"{name}.json": json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
        for name, value in files.items()
    }


def _endpoints(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    partitions = [
        {
            **partition,
            "services": {
                name: value for name, value in partition["services"].items() if name in OPERATIONS
            },
        }
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _service(loader: Loader, service: str, operations: frozenset[str]) -> dict[str, Any]:
    version = loader.determine_latest_version(service, "service-2")
    model = loader.load_service_model(service, "service-2", version)
    rules = loader.load_service_model(service, "endpoint-rule-set-1", version)
    folder = f"{service}/{version}"
    return {
        f"{folder}/service-2": _trimmed(model, operations),
        f"{folder}/endpoint-rule-set-1": _undocumented(pared(rules)),
    }


def _trimmed(model: Mapping[str, Any], operations: frozenset[str]) -> Any:
    kept = {
        name: operation for name, operation in model["operations"].items() if name in operations
    }
    shapes = _reachable(
        model["shapes"], [shape for operation in kept.values() for shape in _referenced(operation)]
    )
    # Not of the whole model: botocore insists on the prose of its clientContextParams.
    return {
        **model,
        "operations": _undocumented(kept),
        "shapes": _undocumented({name: model["shapes"][name] for name in shapes}),
    }


def _reachable(shapes: Mapping[str, Any], roots: list[str]) -> set[str]:
    found: set[str] = set()
    while roots:
        if (name := roots.pop()) not in found:
            found.add(name)
            roots.extend(_referenced(shapes[name]))
    return found


def _referenced(node: object) -> Iterator[str]:
    """Yield every shape named anywhere within a part of a model."""
    if isinstance(node, Mapping):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _referenced(value)
    elif isinstance(node, list):
        for value in node:
            yield from _referenced(value)


def _undocumented(node: Any) -> Any:
    """Drop the prose.

    A shape's member may itself be called ``documentation``, and is then no text but a mapping.
    """
    if isinstance(node, Mapping):
        return {
            name: _undocumented(value)
            for name, value in node.items()
            if name not in _DOCUMENTATION or not isinstance(value, str)
        }
    return [_undocumented(value) for value in node] if isinstance(node, list) else node
