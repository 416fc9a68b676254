"""The page of what the proofs showed says what ran, and what did not."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from bench import reliability

RAN = {
    "outcome": "passed",
    "why": "",
    "figures": {"histories": 5000, "seed": 9},
    "seconds": 61,
    "date": "2026-11-29 07:00",
    "commit": "abc",
    "machine": "one",
    "versions": "some",
}
FAILED = {**RAN, "outcome": "failed", "why": "too few"}


def test_only_what_ended_well_is_summed() -> None:
    """A proof that failed, or never ran, is named and counts for nothing."""
    page = reliability.page({"t::a": RAN, "t::b": RAN, "t::c": FAILED, "t::d": {}})
    assert "| histories of put, replace, delete and restore | 10,000 |" in page
    assert "`t::c`: failed: too few" in page
    assert "## Not run\n\n- `t::d`" in page


def test_a_test_of_many_parameters_is_one_row() -> None:
    """What can be summed is; of what cannot, each is told once; a failure keeps its own name."""
    later = {**RAN, "figures": {"histories": 1, "seed": 10}, "date": "2026-11-30 08:00"}
    others = {"t::a[y]": later, "t::a[z]": {**RAN, "commit": "def"}, "t::a[w]": FAILED}
    page = reliability.page({"t::a[x]": RAN, **others})
    assert (
        "| `t::a` | 3 | histories: 10,001; seed: 9, 10 | 183 "
        "| 2026-11-29 07:00 to 2026-11-30 08:00 | abc, def |"
    ) in page
    assert "`t::a[w]`: failed: too few" in page


def test_kinds_of_one_each_go_without_their_names() -> None:
    """Else a row would name a hundred actions; what there is more of is told by its kind."""
    ran = {
        f"t::{test}[{kind}]": {**RAN, "figures": {f"role actions necessary/{kind}": figure}}
        for test, figure in (("a", 1), ("b", 3))
        for kind in ("get", "put")
    }
    page = reliability.page(ran)
    assert "| 2 | role actions necessary: 2 |" in page
    assert "| 2 | role actions necessary/get: 3; role actions necessary/put: 3 |" in page


def test_a_proof_that_went_away_is_forgotten() -> None:
    """Of the files that were looked at; what others have shown stays."""
    records = ["t.py::a", "t.py::b[old]", "other.py::c"]
    assert reliability.gone(records, {"t.py::a", "t.py::b[new]"}) == ["t.py::b[old]"]


def test_why_names_no_folder_of_whoever_ran_it() -> None:
    """A file by its name, an address as it is."""
    crash = SimpleNamespace(message="OSError: '/home/ann/x/state.json' is gone, http://a.b/c/d")
    told = SimpleNamespace(reprcrash=crash)
    assert reliability.why(told) == "OSError: 'state.json' is gone, http://a.b/c/d"
    assert reliability.why(("/home/ann/test.py", 9, "Skipped: no wheel")) == "Skipped: no wheel"


@pytest.mark.skipif(not reliability.RECORDS.exists(), reason="no proof ran here yet")
def test_the_page_says_what_was_recorded() -> None:
    """Nobody wrote into it by hand."""
    records = json.loads(reliability.RECORDS.read_text())
    assert reliability.PAGE.read_text() == reliability.page(records)
