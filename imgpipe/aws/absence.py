"""What is not there is an answer, not a failure: ``read`` says ``None`` and ``delete`` is done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from imgpipe.aws_errors import absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def or_none(call: Callable[[], T]) -> T | None:
    """Return what ``call`` returns, or ``None`` where AWS says there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if absent(error):
            return None
        raise


@contextmanager
def already_gone() -> Iterator[None]:
    """Take AWS's "there is no such thing" as success."""
    try:
        yield
    except ClientError as error:
        if not absent(error):
            raise
