"""A botocore session that is imported and made in less time: without what no function here does.

botocore imports what writes its documentation, and registers what is particular to each request of
every service. To leave that out takes a tenth off a start. Nothing in botocore is changed, and a
botocore of tomorrow that cannot do without is taken as it comes, which only costs time.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Self

import botocore

from handler.schema import OPERATIONS

# What stands for all services, or all operations of one.
_ALL: Final = frozenset({"*", ""})

_log = logging.getLogger(__name__)


class _NoText(str):
    """A text that is empty, whatever it is made of."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        return super().__new__(cls)


class _Docstrings(ModuleType):
    """Has whatever botocore's operations, waiters and paginators take for their docstrings."""

    def __getattr__(self, name: str) -> type[_NoText]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _NoText


def _imported() -> Any:
    try:
        with _undocumented():
            return import_module("botocore.session")
    except Exception:
        _log.warning("botocore needs its documentation", exc_info=True)
    return import_module("botocore.session")


@contextmanager
def _undocumented() -> Iterator[None]:
    """Let the package of botocore's documentation be empty, but for modules that are asked for."""
    package = ModuleType("botocore.docs")
    package.__path__ = [f"{folder}/docs" for folder in botocore.__path__]
    stand_ins = (package, _Docstrings("botocore.docs.docstring"))
    known = package.__name__ in sys.modules
    missing = {} if known else {each.__name__: each for each in stand_ins}
    sys.modules.update(missing)
    try:
        yield
    finally:
        for each in missing:
            sys.modules.pop(each, None)


_BOTOCORE: Final = _imported()


def made() -> Any:
    """Return a session that knows the services in use here."""
    session = _BOTOCORE.Session(include_builtin_handlers=False)
    events, handlers = session.get_component("event_emitter"), _BOTOCORE.handlers
    ways = {
        handlers.REGISTER_FIRST: events.register_first,
        handlers.REGISTER_LAST: events.register_last,
    }
    for event, handler, *way in handlers.BUILTIN_HANDLERS:
        if _concerns_us(event):
            ways.get(way[0] if way else None, events.register)(event, handler)
    return session


def plain() -> Any:
    """Return botocore's own session."""
    return _BOTOCORE.get_session()


def _concerns_us(event: str) -> bool:
    """Say whether ``event``, such as ``before-sign.s3.PutObject``, comes with a call of ours."""
    kind, _, rest = event.partition(".")
    service, _, operation = rest.partition(".")
    ours = _ALL | OPERATIONS.get(service, frozenset())
    return kind != "docs" and service in _ALL | OPERATIONS.keys() and operation in ours
