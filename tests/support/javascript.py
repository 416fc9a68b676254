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
_AWAIT: Final = """
const events = JSON.parse(require('fs').readFileSync(0, 'utf8'));
Promise.all(events.map(handler)).then(done => console.log(JSON.stringify(done)));
"""
# What takes the place of the runtime's own modules: a store with these keys.
_MODULES: Final = """const crypto = require('crypto');
const keys = new Map(Object.entries(%s));
const cf = { kvs: () => ({ get: async name => {
  if (!keys.has(name)) throw new Error('KeyNotFound');
  return keys.get(name);
} }) };
"""
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
    command = [found("node"), "-e", code + _AWAIT]
    text = json.dumps(list(requests))
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return list(json.loads(done.stdout))


def signed(code: str, keys: Mapping[str, str], requests: Iterable[Request]) -> list[Any]:
    """What ``code``, which reads a store with ``keys``, makes of ``requests``, in Node."""
    imports, _, rest = code.partition("const KNOWN")
    assert imports == "import cf from 'cloudfront';\nimport crypto from 'crypto';\n"
    return _node(f"{_MODULES % json.dumps(dict(keys))}const KNOWN{rest}", requests)


def _quickjs(code: str, requests: Iterable[Request]) -> list[Any]:
    quickjs = pytest.importorskip("quickjs")
    run = quickjs.Function("run", code + _RUN)
    return list(json.loads(run(json.dumps(list(requests)))))


ENGINES: Final = [
    pytest.param(_node, id="node", marks=needs("node")),
    pytest.param(_quickjs, id="quickjs"),
]
