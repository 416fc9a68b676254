"""The AWS clients of the functions, made once per execution environment.

They are made as fast as botocore allows.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from botocore.config import Config
from botocore.credentials import CredentialResolver, EnvProvider
from botocore.loaders import Loader

from handler import session as sessions

# imgpipe.package puts the service descriptions of the operations in use here. Without them botocore
# lists every service it knows, about 400 folders, before it makes its first client: half of a cold
# start.
_DATA: Final = Path(__file__).parent.parent / "aws"
# Lambda retries the whole invocation too, so a throttled call need not be waited for very long.
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=30
)

# botocore keeps ten connections.
_REQUESTS_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)

T = TypeVar("T")
_Maker = Callable[[str], Any]


class Services(NamedTuple):
    """botocore's clients for S3 and DynamoDB; thread-safe."""

    s3: Any
    dynamodb: Any


def connect() -> Services:
    """Return clients on one session, with credentials and region from the environment."""
    return _with_data(lambda make: Services(make("s3"), make("dynamodb")))


def connect_s3() -> Any:
    """Return a client for S3 alone, which is half of what both cost."""
    return _with_data(lambda make: make("s3"))


def connect_cdn() -> Any:
    """Return a client for CloudFront."""
    return _with_data(lambda make: make("cloudfront"))


def connect_lambda() -> Any:
    """Return a client for Lambda."""
    return _with_data(lambda make: make("lambda"))


def _with_data(connected: Callable[[_Maker], T]) -> T:
    """Return what ``connected`` makes of a maker of clients, by their service's name.

    Lambda replaces its botocore by itself, and one day's may ask for data that the trimmed set does
    not have: then the full set is taken, which only costs time.
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
    """
    if _DATA.is_dir():
        try:
            return connected(_maker(Loader([str(_DATA)], include_default_search_paths=False)))
        except Exception:
            _log.warning("the trimmed service data does not load; taking botocore's", exc_info=True)
    return connected(_maker(None))


def _maker(loader: Loader | None) -> _Maker:
    session = sessions.made() if loader else sessions.plain()
    if loader:
        session.register_component("data_loader", loader)
    if "AWS_ACCESS_KEY_ID" in os.environ:
        session.register_component("credential_provider", CredentialResolver([EnvProvider()]))
    return lambda service: session.create_client(service, config=_CONFIG)


def together(call: Callable[..., T], *arguments: Sequence[Any]) -> list[T]:
    """Return what ``call`` returns for each set of arguments; requests overlap, and mostly wait."""
    if len(arguments[0]) == 1:
        return [call(*(values[0] for values in arguments))]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=_REQUESTS_AT_ONCE) as pool:
        return list(pool.map(call, *arguments))
