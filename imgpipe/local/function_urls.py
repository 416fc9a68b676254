"""A function's URL goes with the function, which ministack forgets: the next could have none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

Delete = Callable[..., Any]


def deleted(delete: Delete) -> Delete:
    """Return ``delete`` of a function so that its URLs are deleted, too.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
    """

    @wraps(delete)
    def with_urls(name: str, *arguments: Any) -> Any:
        answer = delete(name, *arguments)
        if name not in lambda_svc._functions:
            for key, _ in list(lambda_svc._function_urls.items()):
                if key.partition(":")[0] == name:
                    del lambda_svc._function_urls[key]
        return answer

    return with_urls
