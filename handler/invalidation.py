"""What CloudFront's edges are to forget: the results that were replaced or removed.

The first 1,000 paths a month are free, and a path that ends in ``*`` counts as one:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

# At most 15 with a * may be on their way at a time, and one of those does for any number.
_MOST_PATHS: Final = 15
_EVERYTHING: Final = "/*"
# What every client encodes, and what none does, is one spelling. These some encode and some do not,
# so a path ends before the first of them, in *.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
_TWO_SPELLINGS: Final = frozenset("~!*'()+,;:@&=$")


def paths(keys: Iterable[str], folders: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the paths of the results ``keys``, and of all that lies in ``folders``.

    One for everything where they are many. A folder has but one spelling, and a slash at its end.
    """
    found = sorted({*map(path, keys), *(f"{folder}*" for folder in folders)})
    return tuple(found) if len(found) <= _MOST_PATHS else (_EVERYTHING,)


def path(key: str) -> str:
    """Return the path that means ``key`` in every spelling that clients have for it."""
    plain = next((n for n, letter in enumerate(key) if letter in _TWO_SPELLINGS), len(key))
    return f"/{quote(key[:plain], safe='/')}" + ("*" if plain < len(key) else "")


def invalidate(
    cloudfront: Any, distribution_id: str, where: Collection[str], events: Iterable[str]
) -> None:
    """Let every edge forget the paths ``where`` (``cloudfront:CreateInvalidation``).

    ``events`` are the ids of the events that say so. The same events are the same invalidation to
    CloudFront, however often they are delivered, and are paid for once.

    Raises:
        ClientError: a passing fault, too many invalidations among them, or a missing permission.
    """
    reference = sha256("\n".join([*sorted(events), *where]).encode()).hexdigest()
    cloudfront.create_invalidation(
        DistributionId=distribution_id,
        InvalidationBatch={
            "CallerReference": reference,
            "Paths": {"Quantity": len(where), "Items": list(where)},
        },
    )
