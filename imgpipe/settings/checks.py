"""What AWS lets imgpipe's own settings be, in the vocabulary of ``handler.checks``."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from handler.checks import Check, InvalidSettingError, UnknownKeyError, choice, matching
from imgpipe.errors import SettingsError
from imgpipe.settings.domain import NONE, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_MONTHS: Final = (30, 60, 90, 120, 150, 180)
_YEARS: Final = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
RETENTION_DAYS: Final = (1, 3, 5, 7, 14, *_MONTHS, *_YEARS)
# What holds what a setup could not make again.
RETAINABLE: Final = ("source", "destination", "table")
_NO_NAMES: Final = "none"
_TAG: Final = re.compile(r"[\w\s.:/=+\-@]*")
_LONGEST_TAG_KEY: Final = 128
_LONGEST_TAG_VALUE: Final = 256

line = Check(
    "one-line texts",
    lambda value: isinstance(value, str) and value.isprintable(),
    {"type": "string"},
)
region = matching(r"[a-z]{2}(-[a-z]+)+-\d", "names of regions, such as eu-central-1")
stage = matching(
    r"[a-z][a-z0-9]{0,11}",
    "1 to 12 of a-z and 0-9, a letter first: every resource's name carries it",
)
prefix = matching(
    r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?",
    "1 to 12 of a-z, 0-9 and -, which begin the default buckets' names",
)
layer_arn = matching(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]{1,140}:\d+",
    "layer versions' ARNs: arn:aws:lambda:<region>:<account>:layer:<name>:<version>",
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: a path may hold any
# ASCII, but in a policy, which these go into, * and ? and ${...} would stand for others' names.
_PATH: Final = r"([!-)+-.0->@-z|~]+/)"
role_arn = matching(
    rf"arn:aws[a-z-]*:iam::\d{{12}}:role/{_PATH}*[\w+=,.@-]{{1,64}}",
    "roles' ARNs: arn:aws:iam::<account>:role/<name>",
)
policy_arn = matching(
    rf"arn:aws[a-z-]*:iam::(\d{{12}}|aws):policy/{_PATH}*[\w+=,.@-]{{1,128}}",
    "policies' ARNs: arn:aws:iam::<account>:policy/<name>",
)
role_path = matching(
    rf"/{_PATH}{{0,255}}",
    "paths such as /teams/photo/, which begin and end with a slash and hold no *, ? and braces",
)
email = matching(
    rf"{NONE}|[^@\s\x00-\x1f]{{1,64}}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+",
    f"addresses of e-mail; or {NONE}, which takes the alarms away",
)
certificate_arn = matching(
    r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[\w-]+",
    "ARNs of certificates in us-east-1, where CloudFront reads them, wherever the pictures are: "
    "arn:aws:acm:us-east-1:<account>:certificate/<id>",
)
retention_days = choice(*RETENTION_DAYS)


class Domain(Check):
    """A check for a domain name, which has several spellings."""


domain = Domain(
    "names such as images.example.com, without * and https://, other letters than ASCII's as xn--"
    f" where they have two meanings; or {NONE}, which takes the domain away",
    lambda value: value == NONE or canonical(value) is not None,
    {"type": "string", "pattern": r"^(none|[^*/:@\s]+[.。][^*/:@\s]+)$"},
)


class Names(Check):
    """A check for a list of names; in a place that cannot spell an empty one, ``none`` is it."""


def kept(check: Check, value: Any) -> Any:
    """Return ``value``, which ``check`` has accepted, as the settings keep it."""
    if isinstance(check, Domain):
        return canonical(value) or value
    return named(value) if isinstance(value, list) else value


def whole_or_text(text: str) -> int | str:
    """Return the whole number that ``text`` is, or else ``text``: one of 5,000 digits is none."""
    with suppress(ValueError):
        return int(text) if text.strip().isdecimal() else text
    return text


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a list that a ``Names`` has accepted."""
    return () if list(names) == [_NO_NAMES] else tuple(names)


def _names(allowed: str, accepts: Callable[[object], bool], item: Mapping[str, Any]) -> Names:
    return Names(
        allowed,
        lambda value: (
            isinstance(value, list | tuple)
            and (list(value) == [_NO_NAMES] or all(accepts(name) for name in value))
        ),
        {"type": "array", "items": {"anyOf": [item, {"const": _NO_NAMES}]}},
    )


retain = _names(
    f"lists of {', '.join(RETAINABLE)}, or none",
    lambda name: name in RETAINABLE,
    {"enum": list(RETAINABLE)},
)
# No dots, because they break TLS on S3's virtual hosts:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bucket = matching(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)",
    "buckets' names: 3 to 63 of a-z, 0-9 and -, no dots",
)
buckets = _names(f"lists of {bucket.allowed}", bucket.accepts, bucket.schema)


def _is_url(value: object) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


url = Check(
    "addresses such as http://127.0.0.1:4566",
    _is_url,
    {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/]"},
)


def _is_tag(pair: tuple[object, object]) -> bool:
    key, value = pair
    return (
        isinstance(key, str)
        and isinstance(value, str)
        and 0 < len(key) <= _LONGEST_TAG_KEY
        and len(value) <= _LONGEST_TAG_VALUE
        and _TAG.fullmatch(key) is not None
        and _TAG.fullmatch(value) is not None
        and not key.lower().startswith(("aws:", "imgpipe:"))
    )


# What all of AWS's services take, and what does not collide with imgpipe's own tags or AWS's.
tag = Check(
    "texts of letters, digits, spaces and . : / = + - @ _,"
    " keys not beginning with aws: or imgpipe:",
    _is_tag,
)


def tags(where: str, values: Mapping[str, object]) -> None:
    """Raise ``SettingsError`` for a tag that is not allowed, naming ``where``, key and value."""
    for key, value in values.items():
        if not tag.accepts((key, value)):
            raise refusal(InvalidSettingError(f"{where}: tag {key!r}", value, tag.allowed))


def refusal(error: InvalidSettingError, where: str = "") -> SettingsError:
    """Return the error that says what is wrong, behind ``where`` it is, and what is allowed."""
    near = get_close_matches(error.name, error.allowed.split(", "), n=1)
    meant = f"; did you mean {near[0]}?" if isinstance(error, UnknownKeyError) and near else ""
    return SettingsError(f"{where}{error.problem}", hint=f"allowed are {error.allowed}{meant}")
