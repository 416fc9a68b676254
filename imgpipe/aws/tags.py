"""Convert tags between AWS's ``[{"Key": ..., "Value": ...}]`` and a dict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return ``tags`` as S3, IAM and DynamoDB take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_dict(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return as a dict what S3, IAM and DynamoDB answer."""
    return {tag["Key"]: tag["Value"] for tag in tags}
