"""What each setting may be. A check returns the value, or raises ``ValueError`` with what is allowed, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
_BUCKET: Final = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)"
)
_TAG: Final = re.compile(r"[\w\s.:/=+\-@]*")


def text(value: object) -> str:
    """Any one-line text."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("is a one-line text")
    return value


def boolean(value: object) -> bool:
    """Exactly true or false."""
    if not isinstance(value, bool):
        raise ValueError("are true and false")
    return value


def integer(low: int, high: int) -> Callable[[Any], int]:
    """Return a check for whole numbers from ``low`` to ``high``."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"are whole numbers from {low} to {high}")
        return value

    return check


def choice(*values: str) -> Callable[[Any], str]:
    """Return a check for one of ``values``."""

    def check(value: object) -> str:
        if value not in values:
            raise ValueError(f"are {', '.join(values)}")
        return str(value)

    return check


def retention(value: object) -> int:
    """One of the retention times CloudWatch Logs knows, in days."""
    if value not in RETENTION_DAYS or not isinstance(value, int):
        raise ValueError(f"are {', '.join(map(str, RETENTION_DAYS))}")
    return value


def matching(pattern: str, words: str) -> Callable[[Any], str]:
    """Return a check for texts that match ``pattern`` wholly, described by ``words``."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(words)
        return value

    return check


region = matching(r"[a-z]{2}(-[a-z]+)+-\d", "is a region's name such as eu-central-1")
stage = matching(
    r"[a-z][a-z0-9]{0,11}",
    "are 1 to 12 of a-z and 0-9, a letter first: every resource's name carries it",
)
prefix = matching(
    r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?",
    "are 1 to 12 of a-z, 0-9 and -, which begin the default buckets' names",
)
layer_arn = matching(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]{1,140}:\d+",
    "is a layer version's ARN: arn:aws:lambda:<region>:<account>:layer:<name>:<version>",
)


def bucket(value: object) -> str:
    """Return a bucket's name that S3 takes; no dots, because they break TLS on its virtual hosts.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not isinstance(value, str) or not _BUCKET.fullmatch(value):
        raise ValueError("is a bucket's name: 3 to 63 of a-z, 0-9 and -, no dots")
    return value


def url(value: object) -> str:
    """Return an http(s) address without a path."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is an address such as http://127.0.0.1:4566")
    return str(value)


def tag(key: object, value: object) -> None:
    """Refuse what AWS's services do not all take as a tag, and what would collide with imgpipe's own or AWS's."""
    texts = (
        isinstance(key, str)
        and isinstance(value, str)
        and 0 < len(key) <= 128
        and len(value) <= 256
    )
    if not (texts and _TAG.fullmatch(str(key)) and _TAG.fullmatch(str(value))) or str(
        key
    ).lower().startswith(("aws:", "imgpipe:")):
        raise ValueError(
            "are texts of letters, digits, spaces and . : / = + - @ _, keys not beginning with aws: or imgpipe:"
        )
