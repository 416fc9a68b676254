"""Ctrl-C while many pictures are under way: one sentence, exit code 130, and what goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest

from imgpipe.cli import download, invalidate, logs, reprocess
from imgpipe.errors import ExitCode, InterruptedRunError
from imgpipe.pictures.forgetting import Invalidation
from imgpipe.render._screen import Screen

PIPELINE: Final[Any] = SimpleNamespace(aws=None)
ANY: Final[Any] = None
GOES_ON: Final = "COMMAND --all"


def interrupting(*_: object, **__: object) -> Iterator[Any]:
    """Work of which nothing comes before somebody presses Ctrl-C."""
    raise KeyboardInterrupt
    yield


CASES: Final[tuple[tuple[str, Callable[[Screen], object], str, tuple[str, ...]], ...]] = (
    (
        "imgpipe.pictures.again.run",
        lambda screen: list(reprocess._made(PIPELINE, screen, ANY, ["a.jpg"], GOES_ON)),
        "goes on by itself",
        (GOES_ON,),
    ),
    (
        "imgpipe.pictures.download.download",
        lambda screen: list(download._brought(PIPELINE, screen, ANY, [], GOES_ON, overwrite=False)),
        "what is here stays",
        (GOES_ON,),
    ),
    (
        "imgpipe.pictures.forgetting.follow",
        lambda screen: invalidate._followed(PIPELINE, screen, "E1", Invalidation(["/a"], "I1"), 60),
        "I1 goes on by itself",
        (),
    ),
)


@pytest.mark.parametrize(
    ("work", "run", "hint", "following"), CASES, ids=[each[0] for each in CASES]
)
def test_what_stands_and_what_goes_on_is_said(
    monkeypatch: pytest.MonkeyPatch,
    work: str,
    run: Callable[[Screen], object],
    hint: str,
    following: tuple[str, ...],
) -> None:
    """Where "the same command again" would not be right."""
    monkeypatch.setattr("imgpipe.pictures.room.at_once", lambda _: 1)
    monkeypatch.setattr(work, _at_once if work.endswith("follow") else interrupting)
    with pytest.raises(InterruptedRunError) as told:
        run(Screen("COMMAND", output="json"))
    assert told.value.exit_code is ExitCode.INTERRUPTED
    assert hint in told.value.hint
    assert told.value.next == following


@pytest.mark.parametrize("follow", [True, False])
def test_a_log_that_is_cut_off_is_not_said_to_be_whole(
    monkeypatch: pytest.MonkeyPatch, follow: bool
) -> None:
    """Following ends no other way."""
    pipeline = SimpleNamespace(aws=None, names=SimpleNamespace(log_group="g"))
    connected = (pipeline, Screen("logs", output="json"))
    monkeypatch.setattr("imgpipe.cli._context.connected", lambda _: connected)
    monkeypatch.setattr("imgpipe.function.logs.tail", interrupting)
    monkeypatch.setattr("imgpipe.function.logs.follow", interrupting)
    if follow:
        logs.command(ANY, since="10m", follow=True)
        return
    with pytest.raises(KeyboardInterrupt):
        logs.command(ANY, since="10m", follow=False)


def _at_once(*_: object) -> object:
    raise KeyboardInterrupt
