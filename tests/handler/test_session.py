"""What is left out of botocore's session: nothing that a request of ours would meet."""

from __future__ import annotations

import logging
import subprocess
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import pytest
from botocore.handlers import BUILTIN_HANDLERS

from handler import session
from handler.schema import OPERATIONS

# Every kind of event that botocore has something of its own for, but those of documentation.
KINDS: Final = sorted({event.partition(".")[0] for event, *_ in BUILTIN_HANDLERS} - {"docs"})
STARTED: Final = """
import sys
import handler.session
left = [name for name in sys.modules if name.startswith("botocore.docs")]
print("botocore.session" in sys.modules, "html.parser" in sys.modules, *left)
client = handler.session.made().create_client("s3", region_name="eu-west-1")
print(repr(str(client.get_object.__doc__)))
import botocore.docs.docstring
print(botocore.docs.docstring.ClientMethodDocstring.__mro__[-2].__name__)
print(callable(botocore.docs.ServiceDocumenter))
"""


def named(handler: object) -> str:
    """What tells a handler from others, of whichever client it is."""
    return str(getattr(handler, "__qualname__", type(handler)))


def handlers(made: Any, service: str) -> dict[str, list[str]]:
    """What a session's client for ``service`` calls at each event, in order."""
    client = made.create_client(service, region_name="eu-west-1")
    asked = client.meta.events._emitter._handlers
    events = [service, *(f"{service}.{operation}" for operation in OPERATIONS[service])]
    return {
        f"{kind}.{event}": [named(each) for each in asked.prefix_search(f"{kind}.{event}")]
        for kind in KINDS
        for event in events
    }


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_event_of_our_services_has_botocores_handlers(service: str) -> None:
    """All of them, in botocore's order, at every event of every operation in use."""
    ours = handlers(session.made(), service)
    assert ours == handlers(session.plain(), service)
    assert any(ours.values())


def test_what_others_have_is_left_out() -> None:
    """Most of it: that is what it is for."""
    kept = [event for event, *_ in BUILTIN_HANDLERS if session._concerns_us(event)]
    assert len(kept) < len(BUILTIN_HANDLERS) / 4


def test_documentation_is_not_imported_and_is_there_for_who_asks() -> None:
    """Stand-ins last no longer than the import; an operation then has an empty docstring."""
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    started, docstring, real, documenter = done.stdout.splitlines()
    assert started.split() == ["True", "False", "botocore.docs.utils"]
    assert (docstring, real, documenter) == ("''", "str", "True")


def test_a_botocore_that_needs_its_documentation_is_imported_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda replaces botocore by itself: a start must outlive that, and say so in the log."""

    def needing(name: str) -> ModuleType:
        if "botocore.docs.docstring" in sys.modules:
            raise ImportError(name)
        return import_module(name)

    for name in [name for name in sys.modules if name.startswith("botocore.docs")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(session, "import_module", needing)
    with caplog.at_level(logging.WARNING):
        assert session._imported().Session
    assert "needs its documentation" in caplog.text
    assert "botocore.docs" not in sys.modules
