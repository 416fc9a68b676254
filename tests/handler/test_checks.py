"""The vocabulary of checks: what is accepted, and how the rest is told."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from handler import checks
from handler.checks import (
    Check,
    DoubledNameError,
    InvalidSettingError,
    UnknownKeyError,
    choice,
    integer,
    lists_of,
    matching,
    number,
    some_of,
)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.boolean, [True, False], [0, 1, "true", None]),
        (checks.colour, ["#a0B1c2"], ["#abc", "red", "#a0b1c2\n", 3]),
        (checks.text, ["", "© 2026", "x" * 200], ["x" * 201, "a\nb", "\x1b[2J", None]),
        (choice("a", "b"), ["a", "b"], ["c", "", None, ["a"]]),
        (choice(1, 3), [1, 3], [2, True, 1.0, "1"]),
        (integer(1, 3), [1, 3], [0, 4, True, 2.0, "2"]),
        (number(0, 1), [0, 1, 0.5], [-0.1, 1.1, True, "0", float("nan")]),
        (matching("[a-z]+", "letters"), ["abc"], ["", "a\n", "1", b"a"]),
        (
            checks.cache_control,
            ["", "keep", "no-cache", "public, max-age=60"],
            ["max-age 60", "a\nb"],
        ),
        (checks.metadata_name, ["album", "x-1"], ["Album", "a b", "", "a" * 65]),
        (lists_of(choice("a")), [[], (), ["a", "a"]], ["a", ["b"], None]),
        (some_of("a", "b"), [["a"], ("b", "a")], [[], (), "a", ["c"], [["a"]], {"a": 1}]),
    ],
)
def test_a_check_accepts_what_it_allows_and_names_the_rest(
    check: Check, good: list[Any], bad: list[Any]
) -> None:
    """The error's parts are the name, the value and the words of the check."""
    for value in good:
        check("thing", value)
    for value in bad:
        with pytest.raises(InvalidSettingError) as caught:
            check("thing", value)
        assert (caught.value.name, caught.value.allowed) == ("thing", check.allowed)
        assert caught.value.value is value
        assert str(caught.value) == f"thing is {value!r}; allowed are {check.allowed}"


def test_errors_keep_their_kind_under_another_name_and_between_processes() -> None:
    """A preview's worker sends them home."""
    error = UnknownKeyError("widht", 3, "width").called("picture.widht")
    assert str(error) == "unknown key 'picture.widht'; allowed are width"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert DoubledNameError("renditions", "a", "others").problem == "two renditions are called 'a'"
