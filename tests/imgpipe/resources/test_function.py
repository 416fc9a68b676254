"""The function, and what only AWS does: a role it does not know, an update under way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from imgpipe.engine.resource import Live, Resource, Unknown
from imgpipe.errors import ServiceError
from imgpipe.package import HandlerCode
from imgpipe.resources.function import CODE_TAG, ROLE_TAG, Function
from tests.support.stand_ins import Given, create, desired, drift, update

if TYPE_CHECKING:
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:pillow:"
CANNOT_ASSUME = "The role defined for the function cannot be assumed by Lambda."


@pytest.fixture
def role(aws: Aws) -> Given:
    """A role that is there."""
    created = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    return Given("role", (("Arn", created["Role"]["Arn"]), ("RoleId", created["Role"]["RoleId"])))


@pytest.fixture
def layer(aws: Aws) -> Given:
    """A layer with two versions."""
    for _ in range(2):
        aws.client("lambda").publish_layer_version(LayerName="pillow", Content={"ZipFile": b"zip"})
    return Given("pillow", (("Arn", LAYER + "1"),))


@pytest.fixture
def function(
    role: Given, layer: Given, tags: tuple[tuple[str, str], ...], calls: Calls, tmp_path: Path
) -> Function:
    """A function not yet created, on what is there already."""
    calls.clear()
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return Function(
        "resize",
        tags,
        role=role,
        log_group=Given("/aws/lambda/resize"),
        layer=layer,
        layer_arn="",
        code=HandlerCode((tmp_path / "logo.png",), python="3.0"),
        runtime="python3.12",
        architecture="arm64",
        memory=512,
        timeout=60,
        environment=(("TABLE_NAME", "Pictures"),),
    )


def renewed_role(role: Resource) -> Given:
    """The role, deleted and made anew: the same ARN, another unique id."""
    assert isinstance(role, Given)
    return replace(role, attributes=(role.attributes[0], ("RoleId", "AROAANOTHER")))


def test_create_is_one_change_with_the_tags_in_it(
    aws: Aws, function: Function, calls: Calls
) -> None:
    """A crash after the one mutating call loses nothing: tags and code are already there."""
    create(aws, function)
    assert calls.mutating == ["CreateFunction"]
    live = function.read(aws)
    assert live is not None
    assert function.owned(live)
    assert live["Tags"]["team"] == "photo"


def test_logging_is_json_into_its_own_group(aws: Aws, function: Function, sent: Sent) -> None:
    """Lambda is told to write JSON, its own report lines too, into the log group made for it."""
    create(aws, function)
    (parameters,) = sent.of("CreateFunction")
    expected = {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "WARN",
        "LogGroup": "/aws/lambda/resize",
    }
    assert parameters["LoggingConfig"] == expected


def test_every_setting_is_one_of_create_functions(aws: Aws, function: Function) -> None:
    """The properties are AWS's own parameters, but for the role's id, which is compared alone."""
    model = (
        botocore.session.get_session().get_service_model("lambda").operation_model("CreateFunction")
    )
    assert set(desired(aws, function)) - {"RoleId"} <= set(model.input_shape.members)


@pytest.mark.parametrize(
    ("change", "parameters"),
    [
        ({"memory": 1024}, {"MemorySize": 1024}),
        ({"timeout": 90}, {"Timeout": 90}),
        (
            {"environment": (("TABLE_NAME", "Others"),)},
            {"Environment": {"Variables": {"TABLE_NAME": "Others"}}},
        ),
        ({"layer": None, "layer_arn": LAYER + "2"}, {"Layers": [LAYER + "2"]}),
    ],
)
def test_a_changed_setting_changes_only_itself(
    aws: Aws, function: Function, sent: Sent, change: dict[str, Any], parameters: dict[str, Any]
) -> None:
    """One configuration call names the changed setting and no other; the code is not sent again."""
    create(aws, function)
    sent.clear()
    changed = replace(function, **change)
    update(aws, changed)
    changes = [(name, values) for name, values in sent if not name.startswith("Get")]
    assert changes == [("UpdateFunctionConfiguration", {"FunctionName": "resize", **parameters})]
    assert drift(aws, changed) == frozenset()


def test_changed_code_is_deployed_and_stamped(
    aws: Aws, function: Function, calls: Calls, tmp_path: Path
) -> None:
    """New code goes up without a configuration call, and is then known to be up to date."""
    create(aws, function)
    calls.clear()
    font = tmp_path / "font.ttf"
    font.write_bytes(b"OTTO")
    changed = replace(function, code=replace(function.code, assets=(font,)))
    update(aws, changed)
    assert calls.mutating == ["UpdateFunctionCode", "TagResource"]
    assert drift(aws, changed) == frozenset()


def test_the_architecture_goes_with_the_code(
    aws: Aws, function: Function, calls: Calls, sent: Sent
) -> None:
    """AWS takes another architecture only together with code for it."""
    create(aws, function)
    calls.clear()
    update(aws, replace(function, architecture="x86_64"))
    assert calls.mutating == ["UpdateFunctionCode", "TagResource"]
    assert [call["Architectures"] for call in sent.of("UpdateFunctionCode")] == [["x86_64"]]


def test_tags_are_added_and_others_kept(aws: Aws, function: Function) -> None:
    """A tag somebody else set survives one of ours being changed."""
    create(aws, function)
    arn = (function.read(aws) or {})["Arn"]
    aws.client("lambda").tag_resource(Resource=arn, Tags={"theirs": "yes"})
    changed = replace(function, tags=(*function.tags, ("more", "1")))
    assert update(aws, changed) == {"Tags"}
    tags = (function.read(aws) or {})["Tags"]
    assert (tags["theirs"], tags["more"]) == ("yes", "1")
    assert CODE_TAG in tags


def test_a_plan_without_the_role_says_unknown(aws: Aws, function: Function) -> None:
    """Before the role is created, its ARN is unknown, and the plan does not fail for it."""
    assert isinstance(function.properties(Live())["Role"], Unknown)


def test_a_role_just_created_is_waited_for(
    aws: Aws, function: Function, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """Lambda refuses a role IAM has not told it of; creation is tried until it does not."""
    faults.fail("CreateFunction", "InvalidParameterValueException", CANNOT_ASSUME, times=2)
    create(aws, function)
    assert calls.mutating == ["CreateFunction"] * 3
    assert clock() > 0
    assert function.read(aws) is not None


def test_a_role_that_never_comes_ends_in_awss_own_words(
    aws: Aws, function: Function, clock: Clock, faults: Faults
) -> None:
    """After five minutes the refusal is raised as it is."""
    faults.fail("CreateFunction", "InvalidParameterValueException", CANNOT_ASSUME, times=1000)
    with pytest.raises(ClientError, match="cannot be assumed"):
        create(aws, function)
    assert 300 <= clock() < 330


def test_another_refusal_is_not_repeated(
    aws: Aws, function: Function, calls: Calls, faults: Faults
) -> None:
    """A parameter that is simply wrong fails at once."""
    faults.fail("CreateFunction", "InvalidParameterValueException", "MemorySize is out of range")
    with pytest.raises(ClientError, match="MemorySize"):
        create(aws, function)
    assert calls.mutating == ["CreateFunction"]


def test_a_pending_function_is_waited_for(
    aws: Aws, function: Function, clock: Clock, faults: Faults
) -> None:
    """Creation ends when the function can be invoked."""
    faults.fail("GetFunction", "ResourceNotFoundException", "Function not found", status=404)
    faults.answer("GetFunction", {"Configuration": {"State": "Pending"}}, times=2)
    create(aws, function)
    assert len(clock.naps) == 3


def test_a_function_lambda_cannot_bring_up_says_why(
    aws: Aws, function: Function, faults: Faults
) -> None:
    """State Failed is an error with Lambda's reason."""
    state = {"State": "Failed", "StateReason": "the KMS key is disabled"}
    faults.answer("GetFunction", {"Configuration": state})
    with pytest.raises(ServiceError, match="the KMS key is disabled"):
        create(aws, function)


def test_an_update_under_way_is_waited_out(
    aws: Aws, function: Function, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """ResourceConflictException passes: configuration, wait, code, wait."""
    create(aws, function)
    changed = replace(function, memory=1024, code=replace(function.code, assets=()))
    names = drift(aws, changed)
    calls.clear()
    faults.fail("UpdateFunctionConfiguration", "ResourceConflictException", status=409)
    faults.fail("UpdateFunctionCode", "ResourceConflictException", status=409)
    faults.answer("GetFunction", {"Configuration": {"LastUpdateStatus": "InProgress"}})
    changed.update(aws, desired(aws, changed), names)
    assert calls.mutating == [
        *["UpdateFunctionConfiguration"] * 2,
        *["UpdateFunctionCode"] * 2,
        "TagResource",
    ]
    assert len(clock.naps) == 3
    assert drift(aws, changed) == frozenset()


def test_polling_leaves_the_accounts_control_calls_to_others(
    aws: Aws, function: Function, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """GetFunction has a quota of its own, and the pauses grow from 0.2 s to 2 s."""
    faults.answer("GetFunction", {"Configuration": {"State": "Pending"}}, times=20)
    create(aws, function)
    assert set(calls) == {"CreateFunction", "GetFunction"}
    assert clock.naps[0] == 0.2
    assert clock.naps == sorted(clock.naps)
    assert max(clock.naps) == 2


def test_a_function_made_with_another_role_of_the_same_name_is_replaced(
    aws: Aws, function: Function, calls: Calls
) -> None:
    """Its environment is encrypted for the old role's unique id, so that it could never start."""
    create(aws, function)
    calls.clear()
    renewed = replace(function, role=renewed_role(function.role))
    assert update(aws, renewed) == {"RoleId"}
    assert calls.mutating == ["DeleteFunction", "CreateFunction"]
    assert drift(aws, renewed) == frozenset()


def test_a_function_of_an_earlier_release_is_only_told_whose_it_is(
    aws: Aws, function: Function, calls: Calls
) -> None:
    """It bears no role's id, so nothing says that it could not start; the self-test finds out."""
    create(aws, function)
    live = function.read(aws)
    assert live is not None
    aws.client("lambda").untag_resource(Resource=live["Arn"], TagKeys=[ROLE_TAG])
    calls.clear()
    assert update(aws, function) == {"RoleId"}
    assert calls.mutating == ["TagResource"]
    assert drift(aws, function) == frozenset()


def test_tags_that_may_not_be_read_are_not_absent(
    aws: Aws, function: Function, faults: Faults
) -> None:
    """Lambda leaves the tags out and says why: a function nobody can tell is no one else's."""
    create(aws, function)
    answer = aws.client("lambda").get_function(FunctionName=function.name)
    untold = {name: value for name, value in answer.items() if name != "Tags"}
    refusal = {"ErrorCode": "AccessDeniedException", "Message": "not authorized: lambda:ListTags"}
    faults.answer("GetFunction", {**untold, "TagsError": refusal})
    with pytest.raises(ServiceError, match="tags of function resize cannot be read") as caught:
        function.read(aws)
    assert "lambda:ListTags" in caught.value.hint
