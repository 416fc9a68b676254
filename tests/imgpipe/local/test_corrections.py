"""A function's URL goes with the function."""

from __future__ import annotations

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
