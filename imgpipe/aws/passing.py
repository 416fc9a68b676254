"""What AWS or the network fails at for a moment, where somebody looks again anyway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore import exceptions as core

from imgpipe.aws.errors import error_code

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_FAULT: Final = 500
_BUSY: Final = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@contextmanager
def passed_over() -> Iterator[None]:
    """Go on where AWS is busy or at fault, or the network is, after botocore's own tries."""
    try:
        yield
    except (core.ConnectionError, core.HTTPClientError):
        return
    except core.ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status < _FAULT and error_code(error) not in _BUSY:
            raise
