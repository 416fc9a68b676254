"""What was read, or why it could not be: a read that is denied tells nothing, and is no absence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, denied, translation
from imgpipe.errors import ImgpipeError, NotSetUpError, ServiceError

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Told(Generic[T]):
    """What a read told: its ``value``, or ``unknown``, why that could not be read, in a line.

    Neither is there where what was asked for is not. ``lacking`` says that the very part that was
    asked is not there: no table, no queue.
    """

    value: T | None = None
    unknown: str = ""
    lacking: bool = False


def told(call: Callable[[], T]) -> Told[T]:
    """Return what ``call`` returns, or why that may not be read; nothing of what is not there.

    Raises:
        CredentialsError: AWS does not know who is asking; that is no answer to anything.
    """
    try:
        return Told(call())
    except NotSetUpError as error:
        return Told(unknown=error.message, lacking=True)
    except ServiceError as error:
        return Told(unknown=error.message)
    except ClientError as error:
        if absent(error):
            return Told()
        if not denied(error):
            raise
        ours = translation(error)
        return Told(unknown=ours.message if isinstance(ours, ImgpipeError) else str(error))
