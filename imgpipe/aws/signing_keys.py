"""The keys that sign addresses: secrets in a store that CloudFront's edges read."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.errors import or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws

NEWEST: Final = "newest"
OLDER: Final = "older"
_BYTES: Final = 32


def store_of(aws: Aws, edge_function: str) -> str:
    """Return the ARN of the store that ``edge_function`` reads; empty where it reads none.

    Calls ``cloudfront:DescribeFunction``.
    """
    describe = aws.client("cloudfront").describe_function
    found = or_none(lambda: describe(Name=edge_function, Stage="LIVE"))
    return next(iter(associated(found["FunctionSummary"]["FunctionConfig"])), "") if found else ""


def associated(function_config: dict[str, Any]) -> list[str]:
    """Return the ARNs of the stores that a function of this configuration reads."""
    stores = function_config.get("KeyValueStoreAssociations") or {}
    return [each["KeyValueStoreARN"] for each in stores.get("Items") or []]


def filled(aws: Aws, store: str) -> bool:
    """Say whether ``store`` has a key; none is asked for (``DescribeKeyValueStore``)."""
    return bool(_describe(aws, store)["ItemCount"])


def newest(aws: Aws, store: str) -> str:
    """Return the key that signs, a secret (``cloudfront-keyvaluestore:GetKey``)."""
    return str(_client(aws).get_key(KvsARN=store, Key=NEWEST)["Value"])


def put(aws: Aws, store: str) -> None:
    """Put a first key into ``store`` (``cloudfront-keyvaluestore:UpdateKeys``)."""
    made = _made()
    _update(aws, store, lambda: {NEWEST: made})


def rotate(aws: Aws, store: str) -> None:
    """Put another key into the place of the newest, which is the older then; that goes.

    Both at once, so that at no time an address signed by the newest is refused for good.
    """
    made = _made()
    _update(aws, store, lambda: {NEWEST: made, OLDER: newest(aws, store)})


def _made() -> str:
    return token_urlsafe(_BYTES)


def _update(aws: Aws, store: str, keys: Callable[[], dict[str, str]]) -> None:
    """Write ``keys``, unless somebody else wrote since it was looked at: then look again."""

    def attempt() -> None:
        # Before what is there is read: who writes in between is noticed.
        etag = _describe(aws, store)["ETag"]
        puts = [{"Key": key, "Value": value} for key, value in keys().items()]
        _client(aws).update_keys(KvsARN=store, IfMatch=etag, Puts=puts)

    aws.eventually("cloudfront-keyvaluestore", attempt)


def _describe(aws: Aws, store: str) -> dict[str, Any]:
    return dict(_client(aws).describe_key_value_store(KvsARN=store))


def _client(aws: Aws) -> Any:
    return aws.client("cloudfront-keyvaluestore")
