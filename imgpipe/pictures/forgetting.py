"""What CloudFront's edges are told to forget because somebody says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import uuid4

from handler.address import PATTERN, ROOT, folder_of
from handler.invalidation import path
from imgpipe.errors import UsageError
from imgpipe.pictures import leftovers, named

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.leftovers import Stores

EVERYTHING: Final = "/*"
# At a time and a distribution, each kind for itself:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html
MOST_PATHS: Final = 3_000
MOST_WILDCARDS: Final = 15
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
_LONGEST_PATH: Final = 4_000
# What a path may hold as it is (RFC 3986, 3.3); whether % is one of it, is seen to first.
_AS_IT_IS: Final = "/%*!~'(),;:@&=+$?-._"
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AT_ONCE: Final = 16
_EVERY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Invalidation:
    """What edges forget: CloudFront's ``id`` of it, empty before it is made, and the ``paths``."""

    paths: Sequence[str]
    id: str = ""
    completed: bool = False


def meant(
    aws: Aws,
    source_bucket: str,
    stores: Stores,
    names: Sequence[str],
    patterns: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the paths that ``names`` mean; of no names, the one that means everything.

    What begins with a slash is a path. An original's key means all that was made of it, on demand
    as well where the distribution has a behavior for that among ``patterns``; any other key or
    address means itself. What another path covers is left out: each is paid for. Calls what
    ``leftovers.look`` does.

    Raises:
        UsageError: a path that CloudFront would refuse, an address of another bucket, or too many.
    """
    of = partial(_paths, aws, source_bucket, stores, patterns)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="forget") as pool:
        found = set(chain.from_iterable(pool.map(of, names)))
    chosen = tuple(sorted(_uncovered(_few(found) or {EVERYTHING})))
    wildcards = sum(each.endswith("*") for each in chosen)
    if wildcards > MOST_WILDCARDS or len(chosen) - wildcards > MOST_PATHS:
        raise UsageError(
            f"CloudFront takes {MOST_PATHS:,} paths at a time, and {MOST_WILDCARDS} that end in *; "
            f"these are {len(chosen) - wildcards:,} and {wildcards:,}",
            hint="one path that ends in * may stand for many",
            next=("invalidate '/*'",),
        )
    return chosen


def begin(aws: Aws, distribution: str, paths: Sequence[str]) -> Invalidation:
    """Let the distribution of this id forget ``paths`` (``cloudfront:CreateInvalidation``)."""
    answer = aws.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "CallerReference": str(uuid4()),
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
        },
    )
    return Invalidation(paths, answer["Invalidation"]["Id"])


def follow(aws: Aws, distribution: str, begun: Invalidation, seconds: float) -> Invalidation:
    """Return it once every edge forgot, or after ``seconds`` (``cloudfront:GetInvalidation``)."""
    deadline = aws.clock() + seconds
    while not _completed(aws, distribution, begun):
        if aws.clock() >= deadline:
            return begun
        aws.pause(_EVERY_SECONDS)
    return Invalidation(begun.paths, begun.id, completed=True)


def checked(typed: str) -> str:
    """Return the path ``typed`` as CloudFront takes it: what it may not hold is encoded.

    Raises:
        UsageError: it has a ``*`` before its end, or is too long, or no text.
    """
    try:
        encoded = quote(_BARE_PERCENT.sub("%25", typed), safe=_AS_IT_IS)
    except UnicodeEncodeError:  # bytes of a command line that are no UTF-8
        raise UsageError(f"{typed!r} is no path", hint="paths are UTF-8") from None
    if "*" in encoded[:-1]:
        raise UsageError(f"{typed} has a * before its end", hint="CloudFront takes one at the end")
    if len(encoded) > _LONGEST_PATH:
        raise UsageError(f"a path has {len(encoded):,} letters; CloudFront takes {_LONGEST_PATH:,}")
    return encoded


def _paths(
    aws: Aws, source_bucket: str, stores: Stores, patterns: Collection[str], name: str
) -> list[str]:
    if name.startswith("/"):
        return [checked(name)]
    bucket, key = named.address(source_bucket, stores.bucket, name)
    if bucket == stores.bucket:
        return [path(key)]
    on_demand = [f"{folder_of(key)}*"] if PATTERN in patterns else []
    return [*map(path, leftovers.of(aws, stores, key) or [key]), *on_demand]


def _few(paths: set[str]) -> set[str]:
    """Return ``paths``; of too many with a * the renditions on demand are one."""
    wildcards = {each for each in paths if each.endswith("*")}
    on_demand = {each for each in wildcards if each.startswith(ROOT)}
    if len(wildcards) <= MOST_WILDCARDS or not on_demand:
        return paths
    return paths - on_demand | {PATTERN}


def _uncovered(paths: Iterable[str]) -> Iterator[str]:
    """Yield, in order, what no path that ends in * covers; a wider one sorts before a narrower."""
    wide: list[str] = []
    for each in sorted(paths, key=_widest_first):
        if not each.startswith(tuple(wide)):
            yield each
            wide += [each[:-1]] if each.endswith("*") else []


def _widest_first(path: str) -> tuple[str, bool]:
    return path.removesuffix("*"), not path.endswith("*")


def _completed(aws: Aws, distribution: str, begun: Invalidation) -> bool:
    ask = aws.client("cloudfront").get_invalidation
    answer = ask(DistributionId=distribution, Id=begun.id)
    return bool(answer["Invalidation"]["Status"] == "Completed")
