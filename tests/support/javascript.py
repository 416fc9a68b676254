"""The edge's JavaScript in two engines: what it makes of many requests, one after another."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pytest

from tests.support.tools import found, needs

Request = dict[str, Any]
Engine = Callable[[str, Iterable[Request]], list[Any]]

_RUN: Final = "\nfunction run(text) { return JSON.stringify(JSON.parse(text).map(handler)); }\n"
_SECONDS: Final = 60


def request(
    path: str, query: Mapping[str, object] | None = None, accept: str | None = None
) -> Request:
    """The event of a viewer's request, as far as it matters.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    values = {name: {"value": str(value)} for name, value in (query or {}).items()}
    headers = {"accept": {"value": accept}} if accept is not None else {}
    return {"request": {"method": "GET", "uri": path, "querystring": values, "headers": headers}}


def _node(code: str, requests: Iterable[Request]) -> list[Any]:
    script = f"{code}{_RUN}console.log(run(require('fs').readFileSync(0, 'utf8')));"
    command = [found("node"), "-e", script]
    text = json.dumps(list(requests))
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return list(json.loads(done.stdout))


def _quickjs(code: str, requests: Iterable[Request]) -> list[Any]:
    quickjs = pytest.importorskip("quickjs")
    run = quickjs.Function("run", code + _RUN)
    return list(json.loads(run(json.dumps(list(requests)))))


ENGINES: Final = [
    pytest.param(_node, id="node", marks=needs("node")),
    pytest.param(_quickjs, id="quickjs"),
]
