"""A bucket that was there before: how it becomes ours, what stays of it, how it is given back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from imgpipe.aws.bucket_settings import (
    SWITCHES,
    put_switches,
    remove_lifecycle_rule,
    remove_tags,
)
from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import ADOPTED_TAG, OWNER_TAG, Properties
from imgpipe.errors import NotOursError, NotSetUpError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgpipe.aws.account import Aws

_OUR_TAGS: Final = "imgpipe:"
_SWITCHES: Final = "PublicAccessBlockConfiguration"
# What the tag says of a bucket without any switch; a tag's value is not left empty.
_NONE: Final = "none"


def keeping(desired: Properties, live: Properties) -> Properties:
    """Return ``desired`` for a bucket that is being adopted, or was.

    Its objects' ownership and its other tags are its owner's, and ours beside them are only those
    we need. The first time, the tag takes down which switches against public access were on.
    """
    ours = {key: value for key, value in desired["Tags"].items() if key.startswith(_OUR_TAGS)}
    mark = live["Tags"].get(ADOPTED_TAG) or _switches(live)
    return {
        **desired,
        "OwnershipControls": live["OwnershipControls"],
        "Tags": {**ours, ADOPTED_TAG: mark},
    }


def give_back(aws: Aws, name: str, live: Properties) -> None:
    """Take our lifecycle rule and our tags from the bucket, and set its switches as they were.

    Safe to repeat: the tags, which say that it is ours to change, go last.
    """
    s3, before = aws.client("s3"), _before(live["Tags"][ADOPTED_TAG])
    aws.eventually("s3", lambda: remove_lifecycle_rule(s3, name))
    if before is not None and before != live[_SWITCHES]:
        aws.eventually("s3", lambda: put_switches(s3, name, before))
    aws.eventually("s3", lambda: remove_tags(s3, name, _OUR_TAGS))


def traces(live: Properties) -> list[str]:
    """Return what of ours is still on a bucket that was given back."""
    tags = [key for key in live["Tags"] if key.startswith(_OUR_TAGS)]
    return [*tags, *(rule["Id"] for rule in live["LifecycleConfiguration"]["Rules"])]


def not_ours(name: str, live: Properties, adopt: Iterable[str]) -> NotOursError:
    """Return the error that says whose the bucket is, or how it becomes ours besides ``adopt``."""
    if stage := live["Tags"].get(OWNER_TAG):
        return NotOursError(
            f"bucket {name} belongs to stage {stage!r}",
            hint=f"choose another name, or that stage: --stage {stage}",
        )
    return NotOursError(
        f"bucket {name} was there before this pipeline, which leaves it alone",
        hint="choose another name or --stage; or adopt it, to be given back by a teardown with "
        "all that is in it",
        next=(" ".join(["setup", *(f"--adopt {each}" for each in (*adopt, name))]),),
    )


def nothing_to_adopt(name: str) -> NotSetUpError:
    """Return the error that says that there is no such bucket."""
    return NotSetUpError(
        f"bucket {name} is to be adopted, and does not exist",
        hint="leave it out of adopt, and setup makes it",
    )


def _switches(live: Properties) -> str:
    return " ".join(name for name in SWITCHES if live[_SWITCHES].get(name)) or _NONE


def _before(mark: str) -> dict[str, bool] | None:
    """Return the switches that a tag remembers; ``None`` where somebody has rewritten it."""
    words = mark.split()
    if mark != _NONE and not set(words) <= set(SWITCHES):
        return None
    return {name: name in words for name in SWITCHES}


def require_free(aws: Aws, bucket: str, key: str) -> None:
    """Raise ``NotOursError`` where the bucket's owner has an object under a key of the page's."""
    if or_none(partial(aws.client("s3").head_object, Bucket=bucket, Key=key)):
        raise NotOursError(
            f"bucket {bucket} already holds {key}, which the gallery would replace",
            hint="give it another key, or choose another destination bucket",
        )
