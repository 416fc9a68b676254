"""The Pythons that can be chosen: what follows from the choice, and when its end is told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import botocore.session
import pytest

from imgpipe.settings import load
from imgpipe.settings.runtimes import DEFAULT, RUNTIMES, notice, python_of

YEAR: Final = timedelta(days=365)
DAY: Final = timedelta(days=1)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_runtime_is_one_of_lambdas_and_can_be_set(runtime: str) -> None:
    """By the name that Lambda gives it."""
    model = botocore.session.get_session().get_service_model("lambda")
    assert runtime in model.shape_for("Runtime").enum
    assert load({}, {"IMGPIPE_RUNTIME": runtime}).runtime == runtime
    assert runtime == f"python{python_of(runtime)}"


def test_the_default_is_one_of_them_and_newer_ones_last_as_long() -> None:
    """Who takes a newer one gains time, or loses none."""
    assert DEFAULT in RUNTIMES
    assert all(older <= newer for older, newer in pairwise(RUNTIMES.values()))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_end_is_told_from_a_year_before_it_on(runtime: str) -> None:
    """Not a day earlier; and after it that it is over."""
    end = RUNTIMES[runtime]
    assert notice(runtime, end - YEAR - DAY) == ""
    before, after = notice(runtime, end - YEAR), notice(runtime, end)
    assert f"from {end} on makes no function with {runtime}" in before
    assert f"AWS makes no function with {runtime}" in after


def test_the_notice_says_what_to_do() -> None:
    """A newer runtime, or where there is none yet, a newer imgpipe."""
    assert "runtime = 'python3.14'" in notice("python3.12", date(2028, 6, 1))
    assert "a newer imgpipe" in notice("python3.14", date(2029, 7, 1))
    assert notice("python3.12", date(2026, 11, 29)) == ""
