"""The function, what it runs as and on, and what hangs on it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from handler.keys import processed_key
from handler.schema import SELF_TEST_KEY
from imgpipe.aws.function_state import versions
from imgpipe.aws.policies import execution_policy
from imgpipe.aws.policy_text import canonical
from imgpipe.package import HandlerCode, LayerContent
from imgpipe.resources.alias import Alias
from imgpipe.resources.event_invoke_config import EventInvokeConfig
from imgpipe.resources.function import Function
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.permission import Permission
from imgpipe.resources.role import POLICY_NAME, Role
from imgpipe.resources.self_test import FINGERPRINT_TAG, SelfTest
from imgpipe.resources.version import Version
from tests.support.contract import TAGS, Case, Drift
from tests.support.contract.storage import FUNCTION_ARN
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

_ROLE: Final = "ImageProcessingRole"
_NAME: Final = "resize"
_ACCOUNT: Final = "eu-west-1:123456789012"
_EVERYBODY: Final = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
_ANYTHING: Final = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _iam(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("iam"), operation)(RoleName=_ROLE, **parameters)


def _attach_policy(aws: Aws) -> None:
    _iam("attach_role_policy", PolicyArn="arn:aws:iam::123456789012:policy/More")(aws)


def _make_policy(aws: Aws) -> None:
    aws.client("iam").create_policy(PolicyName="More", PolicyDocument=_document(_ANYTHING))


def _remove_role(aws: Aws) -> None:
    _iam("delete_role_policy", PolicyName=POLICY_NAME)(aws)
    _iam("delete_role")(aws)


_LEAST: Final = execution_policy(
    "arn:aws:s3:::s", "arn:aws:s3:::d", "arn:aws:dynamodb:t", "arn:aws:logs:l", "arn:aws:sqs:q"
)
ROLE = Case(
    Role(_ROLE, TAGS, policy=canonical(_LEAST)),
    (),
    {
        "trust": Drift(
            _iam("update_assume_role_policy", PolicyDocument=_document(_EVERYBODY)),
            ("UpdateAssumeRolePolicy",),
        ),
        "policy": Drift(_iam("delete_role_policy", PolicyName=POLICY_NAME), ("PutRolePolicy",)),
        "another inline policy": Drift(
            _iam("put_role_policy", PolicyName="More", PolicyDocument=_document(_ANYTHING)),
            ("PutRolePolicy", "DeleteRolePolicy"),
        ),
        "another managed policy": Drift(_attach_policy, ("DetachRolePolicy",)),
        "tag": Drift(_iam("untag_role", TagKeys=["team"]), ("TagRole",)),
    },
    remove=_remove_role,
    theirs=_iam("create_role", AssumeRolePolicyDocument="{}"),
    surroundings=_make_policy,
)


@dataclass(frozen=True)
class _OneModule:
    """A package of one small module."""

    text: str = "one"

    @property
    def fingerprint(self) -> bytes:
        return self.text.encode()

    def files(self) -> Mapping[str, bytes]:
        return {"one.txt": self.text.encode()}


def _lambda(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("lambda"), operation)(**parameters)


_LAYER = LayerVersion("pillow", LayerContent(_OneModule(), python="3.0"), "arm64", "python3.12")


def _publish(**change: Any) -> Any:
    """Publish a version of the layer by hand, that looks like ours but for ``change``."""
    return _lambda(
        "publish_layer_version",
        **{
            "LayerName": "pillow",
            "Content": {"ZipFile": b"zip"},
            "CompatibleArchitectures": ["arm64"],
            "CompatibleRuntimes": ["python3.12"],
            "Description": f"Made by imgpipe of {_LAYER.content.digest}",
            **change,
        },
    )


_REPLACED = ("PublishLayerVersion", "DeleteLayerVersion", "DeleteLayerVersion")
LAYER_VERSION = Case(
    _LAYER,
    (),
    {
        "other content": Drift(_publish(Description="Made by imgpipe of another"), _REPLACED),
        "other processor": Drift(_publish(CompatibleArchitectures=["x86_64"]), _REPLACED),
        "other Python": Drift(_publish(CompatibleRuntimes=["python3.11"]), _REPLACED),
    },
    remove=_lambda("delete_layer_version", LayerName="pillow", VersionNumber=1),
    theirs=_publish(Description="by hand"),
    beside=True,
)


def _zip() -> bytes:
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    return content.getvalue()


_GROUP = Given("/aws/lambda/resize")
_FUNCTION = Function(
    _NAME,
    TAGS,
    role=ROLE.resource,
    log_group=_GROUP,
    layer=_LAYER,
    layer_arn="",
    code=HandlerCode(python="3.0"),
    runtime="python3.12",
    architecture="arm64",
    memory=512,
    timeout=60,
    environment=(("TABLE_NAME", "Pictures"),),
)


def _configure(**settings: Any) -> Drift:
    by_hand = _lambda("update_function_configuration", FunctionName=_NAME, **settings)
    return Drift(by_hand, ("UpdateFunctionConfiguration",))


def _deploy(**settings: Any) -> Drift:
    by_hand = _lambda("update_function_code", FunctionName=_NAME, ZipFile=_zip(), **settings)
    return Drift(by_hand, ("UpdateFunctionCode", "TagResource"))


def _make_function(aws: Aws) -> None:
    """Make one of the same name, as somebody without imgpipe would."""
    role = aws.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")
    _lambda(
        "create_function",
        FunctionName=_NAME,
        Role=role["Role"]["Arn"],
        Code={"ZipFile": _zip()},
        Runtime="python3.12",
        Handler="a.b",
    )(aws)


def _untag_function(*keys: str) -> Any:
    return _lambda("untag_resource", Resource=FUNCTION_ARN, TagKeys=list(keys))


FUNCTION = Case(
    _FUNCTION,
    (ROLE.resource, _GROUP, _LAYER),
    {
        "memory": _configure(MemorySize=128),
        "time-out": _configure(Timeout=3),
        "environment": _configure(Environment={"Variables": {"TABLE_NAME": "Others"}}),
        "logging": _configure(LoggingConfig={"LogFormat": "Text"}),
        "layers": _configure(Layers=[]),
        "runtime": _configure(Runtime="python3.11"),
        "entry point": _configure(Handler="a.b"),
        "code": _deploy(),
        "processor": _deploy(Architectures=["x86_64"]),
        "tag": Drift(_untag_function("team"), ("TagResource",)),
    },
    remove=_lambda("delete_function", FunctionName=_NAME),
    theirs=_make_function,
)
_AROUND = (*FUNCTION.needed, _FUNCTION)
DISOWNED = _untag_function("imgpipe:stage")


def _publish_by_hand(**settings: Any) -> Any:
    """Change the function and publish that, as somebody may who does not know of the alias."""

    def by_hand(aws: Aws) -> None:
        _lambda("update_function_configuration", FunctionName=_NAME, **settings)(aws)
        _lambda("publish_version", FunctionName=_NAME)(aws)

    return by_hand


def _delete_versions(aws: Aws) -> None:
    for version in versions(aws, _NAME):
        _lambda("delete_function", FunctionName=_NAME, Qualifier=version["Version"])(aws)


_REPUBLISHED = ("UpdateFunctionConfiguration", "PublishVersion")
VERSION = Case(
    Version(_NAME, function=_FUNCTION),
    _AROUND,
    {
        "another memory published": Drift(_publish_by_hand(MemorySize=128), _REPUBLISHED),
        "another recipe published": Drift(
            _publish_by_hand(Environment={"Variables": {"TABLE_NAME": "Others"}}), _REPUBLISHED
        ),
        "another runtime published": Drift(_publish_by_hand(Runtime="python3.13"), _REPUBLISHED),
    },
    remove=_delete_versions,
    theirs=DISOWNED,
)
_VERSIONED = (*_AROUND, VERSION.resource)


def _alias(operation: str, **parameters: Any) -> Any:
    return _lambda(f"{operation}_alias", FunctionName=_NAME, Name="live", **parameters)


def _point_elsewhere(aws: Aws) -> None:
    _alias("update", FunctionVersion="$LATEST")(aws)


_POINTED = ("UpdateAlias",)
_TEST = Given("self-test")
ALIAS = Case(
    Alias("live", version=VERSION.resource, self_test=_TEST),
    (*_VERSIONED, _TEST),
    {
        "version": Drift(_point_elsewhere, _POINTED),
        "weights": Drift(
            _alias("update", RoutingConfig={"AdditionalVersionWeights": {"1": 0.1}}), _POINTED
        ),
        "description": Drift(_alias("update", Description="by hand"), _POINTED),
    },
    remove=_alias("delete"),
    theirs=DISOWNED,
)
_SERVED = (*_VERSIONED, _TEST, ALIAS.resource)
_LIVE: Final = {"FunctionName": _NAME, "Qualifier": "live"}

_BUCKET = Given("pictures", (("Arn", "arn:aws:s3:::pictures"),))
_SID: Final = "imgpipe-s3-live"


def _permit(**change: str) -> Any:
    """Put another statement in the place of ours."""
    statement = {
        **_LIVE,
        "StatementId": _SID,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::pictures",
        "SourceAccount": "123456789012",
        **change,
    }

    def by_hand(aws: Aws) -> None:
        _lambda("remove_permission", **_LIVE, StatementId=_SID)(aws)
        _lambda("add_permission", **statement)(aws)

    return Drift(by_hand, ("RemovePermission", "AddPermission"))


PERMISSION = Case(
    Permission(_SID, alias=ALIAS.resource, bucket=_BUCKET),
    (*_SERVED, _BUCKET),
    {
        "bucket": _permit(SourceArn="arn:aws:s3:::others"),
        "account": _permit(SourceAccount="210987654321"),
        "service": _permit(Principal="sns.amazonaws.com"),
    },
    remove=_lambda("remove_permission", **_LIVE, StatementId=_SID),
    theirs=DISOWNED,
)


def _fail_elsewhere(aws: Aws) -> None:
    aws.client("sqs").create_queue(QueueName="others")
    _lambda(
        "put_function_event_invoke_config",
        **_LIVE,
        MaximumRetryAttempts=2,
        MaximumEventAgeInSeconds=21600,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{_ACCOUNT}:others"}},
    )(aws)


def _update_failures(**settings: int) -> Drift:
    by_hand = _lambda("update_function_event_invoke_config", **_LIVE, **settings)
    return Drift(by_hand, _PUT_FAILURES)


_PUT_FAILURES = ("PutFunctionEventInvokeConfig",)
_QUEUE = Given("failures", (("Arn", f"arn:aws:sqs:{_ACCOUNT}:failures"),))
EVENT_INVOKE_CONFIG = Case(
    EventInvokeConfig("failures", alias=ALIAS.resource, queue=_QUEUE),
    (*_SERVED, _QUEUE),
    {
        "tries": _update_failures(MaximumRetryAttempts=0),
        "age": _update_failures(MaximumEventAgeInSeconds=60),
        "queue": Drift(_fail_elsewhere, _PUT_FAILURES),
    },
    remove=_lambda("delete_function_event_invoke_config", **_LIVE),
    theirs=DISOWNED,
    # moto looks for the queue.
    surroundings=lambda aws: aws.client("sqs").create_queue(QueueName="failures"),
)


def _answering(aws: Aws) -> None:
    """Let the function process the picture it is tested with: moto runs no code."""
    returned = json.dumps({"processed": [processed_key(SELF_TEST_KEY)], "rejected": []}).encode()

    def invoke(model: Any, **_: object) -> tuple[object, dict[str, Any]] | None:
        if model.name != "Invoke":
            return None
        answer = {"StatusCode": 200, "Payload": io.BytesIO(returned), "ResponseMetadata": {}}
        return _Http(200), answer

    aws.session.events.register("before-call", invoke)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="out", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.client("dynamodb").create_table(
        TableName="Rows",
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@dataclass(frozen=True)
class _Http:
    status_code: int


def _tested(fingerprint: str) -> Any:
    return _lambda("tag_resource", Resource=FUNCTION_ARN, Tags={FINGERPRINT_TAG: fingerprint})


_TEST_CALLS = ("Invoke", "DeleteObject", "DeleteItem", "TagResource")
_BESIDE = (Given("Rows"), Given("in"), Given("out"))
SELF_TEST = Case(
    SelfTest("self-test", VERSION.resource, "live", ROLE.resource, *_BESIDE),
    (*_VERSIONED, *_BESIDE),
    {"another test was passed": Drift(_tested("another"), _TEST_CALLS)},
    remove=_untag_function(FINGERPRINT_TAG),
    theirs=DISOWNED,
    surroundings=_answering,
)
CASES = (
    ROLE,
    LAYER_VERSION,
    FUNCTION,
    VERSION,
    ALIAS,
    PERMISSION,
    EVENT_INVOKE_CONFIG,
    SELF_TEST,
)
