"""A function's URL goes with the function."""

from __future__ import annotations

import pytest
from ministack.core import iam_evaluator
from ministack.services import lambda_svc

from imgpipe.local import corrections


def test_the_urls_of_a_deleted_function_are_gone_and_no_other() -> None:
    """Of every alias of it; a function of a longer name keeps its own."""
    deleted = corrections.with_its_urls(lambda name, *_: lambda_svc._functions.pop(name))
    functions, urls = lambda_svc._functions, lambda_svc._function_urls
    functions.clear()
    urls.clear()
    for name in ("f", "f2"):
        functions[name] = {}
        urls[name] = urls[f"{name}:live"] = {}
    deleted("f", {}, None)
    assert sorted(key for key, _ in urls.items()) == ["f2", "f2:live"]
    functions.clear()
    urls.clear()


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("arn:b/*", "arn:b/line\nfeed.jpg", True),
        ("arn:b/?.jpg", "arn:b/\n.jpg", True),
        ("arn:b/a", "arn:b/a\n", False),
        ("arn:b/*.jpg", "arn:b/a.jpg\nx", False),
        ("arn:b/a.jpg", "arn:b/a.jpg", True),
    ],
)
def test_wildcards_stand_for_every_character(pattern: str, value: str, matches: bool) -> None:
    """Of which a line's end is one: S3 takes it in a key, and IAM's ``*`` has no lines."""
    compiled = corrections.any_character(iam_evaluator._fnmatch_compile)(pattern, False)
    assert (compiled.match(value) is not None) is matches
