"""S3 and DynamoDB as the handler calls them, as fast as a dictionary: for thousands of histories.

What they answer is held to moto's answers by ``tests/support/test_quick_account.py``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from itertools import count
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import Item

Parameters = Mapping[str, Any]

KEY: Final = "filename"


def copied(item: Parameters) -> dict[str, Any]:
    """An item that nobody else holds; nobody changes what is within a list."""
    return {name: dict(value) for name, value in item.items()}


def refused(code: str, operation: str) -> ClientError:
    """An error as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation)


@dataclass(frozen=True)
class Version:
    """A version of an object; without a ``body`` it is a delete marker."""

    body: bytes | None
    modified: datetime
    headers: Parameters = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """What S3 says of it."""
        body = self.body or b""
        return {
            "ETag": f'"{md5(body, usedforsecurity=False).hexdigest()}"',
            "ContentLength": len(body),
            "LastModified": self.modified,
            "Metadata": {},
            **self.headers,
        }


class QuickS3:
    """Buckets, those among ``versioned`` with versions; ``second`` is the clock, moved by hand."""

    def __init__(self, *versioned: str) -> None:
        self.second, self._beginning = 0, datetime.now(UTC)
        self._versioned = versioned
        self._objects: dict[tuple[str, str], list[Version]] = {}

    def _current(self, bucket: str, key: str) -> Version | None:
        versions = self._objects.get((bucket, key), [])
        return versions[-1] if versions and versions[-1].body is not None else None

    def _put(self, bucket: str, key: str, version: Version) -> None:
        before = self._objects.get((bucket, key), []) if bucket in self._versioned else []
        self._objects[bucket, key] = [*before, version]

    def put_object(self, *, Bucket: str, Key: str, Body: bytes | str, **given: Any) -> Any:
        current = self._current(Bucket, Key)
        if "IfMatch" in given and current is None:
            raise refused("NoSuchKey", "PutObject")
        if "IfMatch" in given and current and current.told["ETag"] != given["IfMatch"]:
            raise refused("PreconditionFailed", "PutObject")
        if "IfNoneMatch" in given and current is not None:
            raise refused("PreconditionFailed", "PutObject")
        headers: dict[str, Any] = {
            name: given[name] for name in ("CacheControl", "Metadata") if name in given
        }
        modified = self._beginning + timedelta(seconds=self.second)
        body = Body.encode() if isinstance(Body, str) else Body
        self._put(Bucket, Key, Version(body, modified, headers))
        return {}

    def get_object(self, *, Bucket: str, Key: str) -> Any:
        if (current := self._current(Bucket, Key)) is None:
            raise refused("NoSuchKey", "GetObject")
        return {**current.told, "Body": io.BytesIO(current.body or b"")}

    def head_object(self, *, Bucket: str, Key: str) -> Any:
        if (current := self._current(Bucket, Key)) is None:
            raise refused("404", "HeadObject")
        return current.told

    def delete_object(self, *, Bucket: str, Key: str) -> Any:
        if Bucket in self._versioned:
            self._put(Bucket, Key, Version(None, self._beginning))
        else:
            self._objects.pop((Bucket, Key), None)
        return {}

    def list_objects_v2(self, *, Bucket: str, Prefix: str = "", MaxKeys: int = 1000) -> Any:
        found = [
            {"Key": key, **current.told}
            for bucket, key in sorted(self._objects)
            if bucket == Bucket and key.startswith(Prefix)
            if (current := self._current(bucket, key))
        ]
        return {"Contents": found[:MaxKeys], "IsTruncated": len(found) > MaxKeys}

    def restore(self, bucket: str, key: str) -> None:
        """Delete the newest version or marker: what was before takes its place."""
        self._objects[bucket, key] = self._objects.get((bucket, key), [])[:-1]


class QuickDynamoDB:
    """One table of rows with its stream of ``records``; its indexes never lag."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self._items: dict[str, dict[str, Any]] = {}
        self._numbers = count()

    def put_item(self, *, Item: Parameters, **given: Any) -> Any:
        key = Item[KEY]["S"]
        old = self._items.get(key)
        self._require(old, given, "PutItem")
        self._write(key, copied(Item))
        return {"Attributes": old} if old and given.get("ReturnValues") == "ALL_OLD" else {}

    def delete_item(self, *, Key: Parameters, **given: Any) -> Any:
        key = Key[KEY]["S"]
        self._require(self._items.get(key), given, "DeleteItem")
        self._write(key, None)
        return {}

    def batch_get_item(self, *, RequestItems: Parameters) -> Any:
        ((table, asked),) = RequestItems.items()
        found = (self._items.get(each[KEY]["S"]) for each in asked["Keys"])
        return {"Responses": {table: [copied(each) for each in found if each]}}

    def query(self, *, KeyConditionExpression: str, **given: Any) -> Any:
        name, _, value = KeyConditionExpression.partition(" = ")
        name = given.get("ExpressionAttributeNames", {}).get(name, name)
        wanted = given["ExpressionAttributeValues"][value]
        items = [each for each in self._items.values() if each.get(name) == wanted]
        in_order = sorted(items, key=lambda each: str(each[KEY]["S"]))
        return {"Items": [copied(each) for each in in_order]}

    def scan(self, **_: Any) -> Any:
        return {"Items": [copied(each) for each in self._items.values()]}

    def _require(self, old: Parameters | None, given: Parameters, operation: str) -> None:
        if not (expression := given.get("ConditionExpression")):
            return
        names = given.get("ExpressionAttributeNames")
        condition = _conditions(expression, names, given["ExpressionAttributeValues"])
        if not condition(old):
            raise refused("ConditionalCheckFailedException", operation)

    def _write(self, key: str, new: dict[str, Any] | None) -> None:
        old = self._items.pop(key, None)
        if new is not None:
            self._items[key] = new
        if old != new:
            images = {"OldImage": old, "NewImage": new}
            told = {name: copied(image) for name, image in images.items() if image}
            record = {"Keys": {KEY: {"S": key}}, **told}
            self.records.append({"eventID": str(next(self._numbers)), "dynamodb": record})


def _conditions(expression: str, names: Any, values: Any) -> Callable[[Parameters | None], bool]:
    parsed = get_filter_expression(expression, names, values)
    return lambda item: bool(parsed.expr(Item(None, None, dict(item or {}))))  # type: ignore[arg-type]
