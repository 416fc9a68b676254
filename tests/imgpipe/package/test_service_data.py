"""botocore's data, cut down: complete for what the handler calls, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.loaders import Loader
from moto import mock_aws

import handler
from handler.schema import OPERATIONS
from imgpipe.package.service_data import service_data

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[botocore.session.Session]:
    """A session that knows our data alone, as the deployed handler's, on an account in memory."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name, content in service_data().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with mock_aws():
        full = botocore.session.get_session()
        full.create_client("s3", region_name="eu-west-1").create_bucket(
            Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        key = {"AttributeName": "filename", "AttributeType": "S"}
        full.create_client("dynamodb", region_name="eu-west-1").create_table(
            TableName="Pictures",
            AttributeDefinitions=[key],
            KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        pared = botocore.session.get_session()
        pared.register_component(
            "data_loader", Loader([str(tmp_path)], include_default_search_paths=False)
        )
        yield pared


def client(session: botocore.session.Session, service: str) -> Any:
    """A client in eu-west-1."""
    return session.create_client(service, region_name="eu-west-1")


def test_the_operations_in_use_work(session: botocore.session.Session) -> None:
    """Requests are routed, signed, sent and parsed as with the whole data."""
    s3, dynamodb = client(session, "s3"), client(session, "dynamodb")
    s3.put_object(
        Bucket="pictures",
        Key="a b/ü.jpg",
        Body=b"bytes",
        ContentType="image/jpeg",
        CacheControl="no-cache",
    )
    found = s3.get_object(Bucket="pictures", Key="a b/ü.jpg")
    assert (found["Body"].read(), found["ContentType"]) == (b"bytes", "image/jpeg")
    item = {"filename": {"S": "a"}, "size": {"N": "1"}}
    dynamodb.put_item(TableName="Pictures", Item=item)
    old = dynamodb.put_item(
        TableName="Pictures", Item={"filename": {"S": "a"}}, ReturnValues="ALL_OLD"
    )
    assert old["Attributes"] == item


def test_errors_keep_their_names(session: botocore.session.Session) -> None:
    """The handler tells a missing key, and a row of a newer picture, by the error's code."""
    s3, dynamodb = client(session, "s3"), client(session, "dynamodb")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="pictures", Key="none")
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(
            TableName="Pictures",
            Item={"filename": {"S": "a"}},
            ConditionExpression="attribute_exists(filename)",
        )


def test_nothing_else_is_in_it(session: botocore.session.Session) -> None:
    """A client has a method for each operation in use, and for no other."""
    for service, operations in OPERATIONS.items():
        assert set(client(session, service).meta.method_to_api_mapping.values()) == operations


def test_the_handler_calls_nothing_else() -> None:
    """Every client method in the handler's source is one that is kept."""
    kept = {
        *("get_object", "head_object", "put_object", "delete_object", "list_objects_v2"),
        *("put_item", "delete_item", "batch_get_item", "query"),
        "create_invalidation",
        "get_function_configuration",
    }
    everything = {
        method
        for service in OPERATIONS
        for method in botocore.session.get_session()
        .create_client(service, region_name="eu-west-1")
        .meta.method_to_api_mapping
    }
    called = {
        node.attr
        for source in Path(handler.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert called & everything == kept


def test_it_is_small() -> None:
    """Some 200 KB instead of botocore's megabytes."""
    assert sum(map(len, service_data().values())) < 250_000
