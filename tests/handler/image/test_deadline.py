"""What takes longer than is left is ended and refused, wherever it spends its time."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count

import pytest

from handler.image import Rejected, deadline

WAYS = [deadline.here, deadline.apart]
Bounded = Callable[[Callable[[], object], float], object]


def python_forever() -> None:
    """What takes every exception for damage, and goes on."""
    for _ in count():
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001 - as a decoder's own loop might
            continue


def in_one_call() -> None:
    """A call that no signal of Python's comes between."""
    blocked = threading.Lock()
    blocked.acquire()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    blocked.acquire()


@pytest.mark.parametrize("bounded", WAYS)
def test_what_ends_in_time_returns_what_it_made(bounded: Bounded) -> None:
    """And so does what was refused for another reason, or failed."""
    assert bounded(lambda: (1, b"picture"), 60) == (1, b"picture")
    with pytest.raises(Rejected, match=r"^damaged$"):
        bounded(partial(fail, Rejected("damaged")), 60)
    with pytest.raises(OSError, match="no such font"):
        bounded(partial(fail, OSError("no such font")), 60)


def fail(error: Exception) -> None:
    """Raise ``error``."""
    raise error


@pytest.mark.parametrize("bounded", WAYS)
@pytest.mark.parametrize("seconds", [0.2, 0, -1.5])
def test_what_takes_too_long_is_refused(bounded: Bounded, seconds: float) -> None:
    """Also where nothing is left to begin with."""
    with pytest.raises(Rejected) as caught:
        bounded(python_forever, seconds)
    assert f"longer to decode than the {seconds:.1f} seconds" in str(caught.value)


def test_a_call_that_never_returns_is_ended_with_its_process() -> None:
    """Nothing else would."""
    with pytest.raises(Rejected, match="longer to decode"):
        deadline.apart(in_one_call, 0.3)


def test_a_decoder_that_ends_its_process_ends_no_other() -> None:
    """It is a reason."""
    with pytest.raises(Rejected, match="ended by signal 9"):
        deadline.apart(lambda: os.kill(os.getpid(), signal.SIGKILL), 60)


def test_no_alarm_rings_later() -> None:
    """The next picture has all of its own time, and whoever used the signal has it back."""
    before = signal.getsignal(signal.SIGALRM)
    for work in (lambda: None, python_forever):
        with suppress(Rejected):
            deadline.here(work, 0.1)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_another_thread_works_without_an_alarm() -> None:
    """Python lets the main thread alone have one."""
    made: list[int] = []
    thread = threading.Thread(target=lambda: made.append(deadline.here(lambda: 1, 60)))
    thread.start()
    thread.join()
    assert made == [1]
