"""The quick account answers as moto does, whatever is asked of both in whatever order."""

from __future__ import annotations

from hashlib import md5
from typing import Any, Final

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.process import _NEWEST_WINS
from handler.schema import SOURCE_INDEX
from handler.services import Services
from tests.handler.conftest import clients, services
from tests.support.handler import DEST, SOURCE, TABLE
from tests.support.quick_account import QuickDynamoDB, QuickS3
from tests.support.stream import Stream

__all__ = ["clients", "services"]

KEYS: Final = st.sampled_from(["a", "b"])
BODIES: Final = st.sampled_from([b"1", b"2"])
BUCKETS: Final = st.sampled_from([SOURCE, DEST])
FEW: Final = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CALLS: Final = st.one_of(
    st.tuples(st.just("put"), BUCKETS, KEYS, BODIES),
    st.tuples(st.just("put_if_none"), BUCKETS, KEYS, BODIES),
    st.tuples(st.just("put_if_match"), BUCKETS, KEYS, BODIES, BODIES),
    st.tuples(st.just("delete"), BUCKETS, KEYS),
    st.tuples(st.just("get"), BUCKETS, KEYS),
    st.tuples(st.just("head"), BUCKETS, KEYS),
    st.tuples(st.just("list"), BUCKETS),
)


def asked(s3: Any, call: tuple[Any, ...]) -> Any:
    """What S3 answers, as far as the handler looks at it."""
    name, bucket, *rest = call
    try:
        if name == "list":
            return [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        key = {"Bucket": bucket, "Key": rest[0]}
        if name == "put":
            s3.put_object(**key, Body=rest[1])
        elif name == "put_if_none":
            s3.put_object(**key, Body=rest[1], IfNoneMatch="*")
        elif name == "put_if_match":
            s3.put_object(**key, Body=rest[1], IfMatch=etag(rest[2]))
        elif name == "delete":
            s3.delete_object(**key)
        elif name == "get":
            answer = s3.get_object(**key)
            return answer["Body"].read(), answer["ETag"], answer["ContentLength"]
        elif name == "head":
            return s3.head_object(**key)["ETag"]
    except ClientError as error:
        return error.response["Error"]["Code"]


def etag(body: bytes) -> str:
    """The ETag of an object with these bytes."""
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CALLS, min_size=5, max_size=15))
def test_objects_are_answered_as_moto_answers(
    services: Services, calls: list[tuple[Any, ...]]
) -> None:
    """Bodies, ETags, conditions, what is gone, with versions and without."""
    quick = QuickS3(SOURCE)
    versioned = {"Bucket": SOURCE, "VersioningConfiguration": {"Status": "Enabled"}}
    services.s3.put_bucket_versioning(**versioned)
    for bucket in (SOURCE, DEST):
        for key in asked(services.s3, ("list", bucket)):
            services.s3.delete_object(Bucket=bucket, Key=key)
    for call in calls:
        assert asked(quick, call) == asked(services.s3, call), call


ROWS: Final = st.tuples(KEYS, st.sampled_from(["s", "t"]), st.sampled_from(["1", "2", "3"]))
ROW_CALLS: Final = st.one_of(
    st.tuples(st.just("put"), ROWS),
    st.tuples(st.just("put_newest"), ROWS),
    st.tuples(st.just("delete"), ROWS),
    st.tuples(st.just("batch"), ROWS),
    st.tuples(st.just("query"), ROWS),
)
DELETE: Final = "source_key = :source AND #modified = :modified"


def told(dynamodb: Any, call: tuple[Any, ...]) -> Any:
    """What DynamoDB answers, as far as the handler looks at it."""
    name, (key, source, modified) = call
    texts = {"filename": key, "source_key": source, "source_modified": modified}
    item = {name: {"S": text} for name, text in texts.items()}
    values = {":source": item["source_key"], ":modified": item["source_modified"]}
    try:
        if name == "put":
            return dynamodb.put_item(TableName=TABLE, Item=item).get("Attributes")
        if name == "put_newest":
            newest: dict[str, Any] = {
                "ConditionExpression": _NEWEST_WINS,
                "ReturnValues": "ALL_OLD",
            }
            newest["ExpressionAttributeValues"] = {":modified": values[":modified"]}
            return dynamodb.put_item(TableName=TABLE, Item=item, **newest).get("Attributes")
        if name == "delete":
            condition = {
                "ConditionExpression": DELETE,
                "ExpressionAttributeNames": {"#modified": "source_modified"},
                "ExpressionAttributeValues": values,
            }
            dynamodb.delete_item(TableName=TABLE, Key={"filename": item["filename"]}, **condition)
            return None
        if name == "batch":
            keys = [{"filename": item["filename"]}, {"filename": {"S": "none"}}]
            asked = {TABLE: {"Keys": keys, "ConsistentRead": True}}
            return dynamodb.batch_get_item(RequestItems=asked)["Responses"][TABLE]
        found = dynamodb.query(
            TableName=TABLE,
            IndexName=SOURCE_INDEX,
            KeyConditionExpression="source_key = :source",
            ExpressionAttributeValues={":source": values[":source"]},
        )
        return sorted(each["filename"]["S"] for each in found["Items"])
    except ClientError as error:
        return error.response["Error"]["Code"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROW_CALLS, min_size=5, max_size=15))
def test_rows_and_their_stream_are_answered_as_moto_answers(
    services: Services, calls: list[tuple[Any, ...]]
) -> None:
    """Conditions, old images, reads by key and by source; and each change is told in order."""
    for key in ("a", "b"):
        services.dynamodb.delete_item(TableName=TABLE, Key={"filename": {"S": key}})
    stream, quick = Stream(services.dynamodb, TABLE), QuickDynamoDB()
    for call in calls:
        assert told(quick, call) == told(services.dynamodb, call), call
    images = ("Keys", "OldImage", "NewImage")
    changes = [
        {name: record["dynamodb"][name] for name in images if name in record["dynamodb"]}
        for record in stream.records
    ]
    # moto tells of a write that changes nothing, too; DynamoDB does not.
    real = [each for each in changes if each.get("OldImage") != each.get("NewImage")]
    assert [record["dynamodb"] for record in quick.records] == real
