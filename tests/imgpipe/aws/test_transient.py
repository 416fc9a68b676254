"""Whatever AWS refuses now and accepts later is waited out, at every call that may meet it.

The whole pipeline is set up, changed and taken away on an account in memory that refuses every
request once, or three times, with a row of the table, before it lets it through. One run comes
through.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from handler.delivery_settings import DeliverySettings
from handler.keys import processed_key
from handler.recipe import Recipe, Rendition
from handler.schema import SELF_TEST_KEY
from imgpipe.aws.transient import Transient
from imgpipe.aws.transient_table import TRANSIENTS, transient_of
from imgpipe.engine import reconcile, standing
from imgpipe.engine.graph import Action, Event, State, finals
from imgpipe.engine.resource import OWNER_TAG, Resource
from imgpipe.package import HandlerCode
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.names import Names
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.role import Role
from imgpipe.settings import Settings
from tests.support.contract.domain import DOMAIN, zone
from tests.support.contract.page import filling

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock

pytestmark = pytest.mark.slow

Rule = tuple[str, str]  # a service as boto3 names it, and an operation
Met = tuple[Rule, Transient]
Answer = tuple[SimpleNamespace, dict[str, Any]]
Resources = Callable[..., tuple[Resource, ...]]

LITTLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        ],
    }
)
OTHER_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ],
    }
)
DELIVERY = DeliverySettings(enabled=True, signing=True)
RULES: dict[Rule, list[Transient]] = {}
for _row in TRANSIENTS:
    for _operation in _row.operations.split():
        RULES.setdefault((_row.service, _operation), []).append(_row)
ROUNDS = max(len(rows) for rows in RULES.values())


def refusal(row: Transient) -> dict[str, Any]:
    """The row, as AWS answers it."""
    message = row.text or "it is not possible at the moment"
    return {"Error": {"Code": row.code, "Message": message}, "ResponseMetadata": {}}


class Moods:
    """AWS as it may be: refuses every request a number of times before it lets it through.

    ``met`` are the rows that were given, and for which operation.
    """

    def __init__(self) -> None:
        self.met: set[Met] = set()
        self._turn, self._times = 0, 0
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def refusing(self, turn: int, times: int) -> Iterator[None]:
        """Refuse each request ``times`` times, with the ``turn``-th row of its operation."""
        self._turn, self._times = turn, times
        self._seen.clear()
        yield
        self._times = 0

    def inject(self, model: Any, params: Any, **_: object) -> Answer | None:
        """Receive ``before-call``; a returned answer takes the place of the call."""
        rule = (model.service_model.service_name, model.name)
        if not (rows := RULES.get(rule)):
            return None
        body = params["body"] if isinstance(params["body"], bytes | dict) else "a stream"
        with self._lock:
            request = f"{rule} {params['url']} {body!r}"
            self._seen[request] += 1
            if self._seen[request] > self._times:
                return None
        row = rows[self._turn % len(rows)]
        self.met.add((rule, row))
        return SimpleNamespace(status_code=409), refusal(row)


class Beside:
    """What moto cannot: run code, and hold a policy against plain HTTP only."""

    def __init__(self) -> None:
        self._policies: dict[str, str] = {}

    def answer(self, model: Any, params: Any, **_: object) -> Answer | None:
        """Receive ``before-call``; a returned answer takes the place of the call."""
        if model.name == "Invoke":
            returned = json.dumps(
                {"processed": [processed_key(SELF_TEST_KEY)], "rejected": []}
            ).encode()
            return success(Payload=SimpleNamespace(read=lambda: returned))
        if not model.name.endswith("BucketPolicy"):
            return None
        bucket = params["auth_path"].strip("/")
        if model.name == "PutBucketPolicy":
            self._policies[bucket] = params["body"].decode()
        if model.name == "DeleteBucketPolicy":
            self._policies.pop(bucket)
        if model.name == "GetBucketPolicy" and bucket not in self._policies:
            error = {"Error": {"Code": "NoSuchBucketPolicy"}, "ResponseMetadata": {}}
            return SimpleNamespace(status_code=404), error
        return success(Policy=self._policies.get(bucket, ""))


def success(**answer: Any) -> Answer:
    """A good answer."""
    return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {}}


def walk(events: Iterator[Event]) -> None:
    """Walk to the end; everything must come through."""
    done = list(finals(events))
    assert [event.error for event in done if event.state is not State.DONE] == []


@pytest.fixture
def moods(aws: Aws) -> Moods:
    """AWS's moods, which rest until a test lets them loose."""
    moods = Moods()
    aws.session.events.register("before-call", moods.inject)
    names = Names.of(Settings(), aws.account, aws.region)
    aws.session.events.register("before-call", filling(aws, names.destination_bucket))
    aws.session.events.register("before-call", Beside().answer)
    return moods


def by_hand(aws: Aws, names: Names) -> None:
    """Change what no setting changes, so that the next setup has to put it back."""
    iam = aws.client("iam")
    iam.update_assume_role_policy(RoleName=names.role, PolicyDocument=OTHER_TRUST)
    iam.put_role_policy(RoleName=names.role, PolicyName="More", PolicyDocument=LITTLE)
    lambda_ = aws.client("lambda")
    statement = {
        "FunctionName": names.function,
        "Qualifier": names.alias,
        "StatementId": f"imgpipe-s3-{names.alias}",
    }
    lambda_.remove_permission(**statement)
    lambda_.add_permission(
        **statement,
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    lambda_.update_function_code(
        FunctionName=names.function,
        ZipFile=HandlerCode(python="3.0").build(),
        Architectures=["x86_64"],
    )
    (mapping,) = lambda_.list_event_source_mappings()["EventSourceMappings"]
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=1)
    cloudfront = aws.client("cloudfront")
    for control in cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]:
        answer = cloudfront.get_origin_access_control(Id=control["Id"])
        config = {
            **answer["OriginAccessControl"]["OriginAccessControlConfig"],
            "SigningBehavior": "never",
        }
        cloudfront.update_origin_access_control(
            Id=control["Id"], IfMatch=answer["ETag"], OriginAccessControlConfig=config
        )
    lambda_.update_function_url_config(FunctionName=names.delivery_function, AuthType="NONE")
    aws.client("dynamodb").update_table(TableName=names.table, DeletionProtectionEnabled=True)
    s3 = aws.client("s3")
    for bucket in (names.source_bucket, names.destination_bucket):
        s3.delete_public_access_block(Bucket=bucket)


@pytest.fixture
def layer(aws: Aws, moods: Moods) -> str:
    """A foreign layer, as building our own would take a while."""
    content = {"ZipFile": b"zip"}
    made = aws.client("lambda").publish_layer_version(LayerName="pillow", Content=content)
    return str(made["LayerVersionArn"])


@pytest.fixture
def resources(aws: Aws, layer: str) -> Resources:
    """Return the pipeline for some settings, as setup declares it, with a domain of its own."""
    zone(aws)

    def with_settings(**settings: Any) -> tuple[Resource, ...]:
        chosen = Settings(pillow_layer_arn=layer, domain=DOMAIN, delivery=DELIVERY, **settings)
        names = Names.of(chosen, aws.account, aws.region)
        return declared(Pipeline(chosen, names, aws))

    return with_settings


def lives(aws: Aws, resources: Resources, moods: Moods, turn: int, times: int) -> None:
    """Set the pipeline up, change it by hand and by settings, and take it away."""
    with moods.refusing(turn, times):
        walk(reconcile.setup(resources(), aws))
    by_hand(aws, Names.of(Settings(), aws.account, aws.region))
    with moods.refusing(turn, times):
        recipe = Recipe((Rendition(width=700 + turn),))  # which the edge's code names
        tags = (("team", f"team {turn}"),)
        changed = resources(memory=1024, log_retention_days=30, tags=tags, recipe=recipe)
        walk(reconcile.setup(changed, aws))
    assert {event.action for event in reconcile.plan(changed, aws)} == {Action.NONE}
    with moods.refusing(turn, times):
        walk(reconcile.teardown(changed, aws))
    assert standing.remaining(changed, aws) == {}


def lives_of_a_role(aws: Aws, moods: Moods, arn: str, turn: int, times: int) -> None:
    """Attach and detach a managed policy, as ``permissions = "managed"`` does, and bound it."""
    role = Role("role", ((OWNER_TAG, "default"),), policy=LITTLE, managed_policies=(arn,))
    for each in (role, replace(role, boundary=arn)):
        with moods.refusing(turn, times):
            walk(reconcile.setup([each], aws))
    with moods.refusing(turn, times):
        walk(reconcile.teardown([role], aws))


def life_of_an_adopted_bucket(aws: Aws, moods: Moods, turn: int, times: int) -> None:
    """Take over a bucket that was there before, and give it back."""
    place = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket=f"old-{turn}", CreateBucketConfiguration=place)
    bucket = Bucket(f"old-{turn}", ((OWNER_TAG, "default"),), adopt=(f"old-{turn}",))
    with moods.refusing(turn, times):
        walk(reconcile.setup([bucket], aws))
    with moods.refusing(turn, times):
        walk(reconcile.teardown([replace(bucket, adopt=())], aws))


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.prove), 3])
def test_every_call_of_setup_change_and_teardown_outlives_it(
    aws: Aws, resources: Resources, moods: Moods, times: int
) -> None:
    """Each request meets each row that it may, and one run comes through; no row is never met."""
    made = aws.client("iam").create_policy(PolicyName="Some", PolicyDocument=LITTLE)
    for turn in range(ROUNDS):
        lives(aws, resources, moods, turn, times)
        lives_of_a_role(aws, moods, made["Policy"]["Arn"], turn, times)
        life_of_an_adopted_bucket(aws, moods, turn, times)
    rows = {(rule, row) for rule, rows in RULES.items() for row in rows}
    assert rows - moods.met == set()


@pytest.mark.parametrize("row", TRANSIENTS, ids=lambda row: f"{row.service}-{row.code}")
def test_a_row_is_bounded_and_awss_own_words_come_out(
    aws: Aws, clock: Clock, row: Transient
) -> None:
    """What does not pass in its time is raised as AWS said it."""
    error = ClientError(refusal(row), row.operations.split()[0])

    def call() -> None:
        raise error

    with pytest.raises(ClientError) as caught:
        aws.eventually(row.service, call)
    assert caught.value is error
    assert row.seconds <= clock() < row.seconds + 6
    assert row.source.startswith("https://")


@pytest.mark.parametrize(
    ("service", "operation", "code", "message"),
    [
        ("lambda", "AddPermission", "ResourceConflictException", "provided already exists"),
        ("lambda", "CreateFunction", "ResourceConflictException", "Function already exist: f"),
        ("lambda", "CreateAlias", "ResourceConflictException", "Alias already exists: a"),
        (
            "lambda",
            "DeleteFunction",
            "ResourceConflictException",
            "following aliases reference it: [a]",
        ),
        ("iam", "PutRolePolicy", "NoSuchEntity", "Policy p does not exist"),
        ("s3", "PutBucketNotificationConfiguration", "InvalidArgument", "Configurations overlap"),
        ("dynamodb", "CreateTable", "ResourceInUseException", "Table already exists: t"),
        ("cloudfront", "DeleteDistribution", "PreconditionFailed", "subscribed to a pricing plan"),
        ("s3", "HeadBucket", "NoSuchBucket", ""),
    ],
)
def test_what_stays_is_not_waited_for(
    service: str, operation: str, code: str, message: str
) -> None:
    """The same code, and another meaning; or a call that asks whether it is there."""
    answer = {"Error": {"Code": code, "Message": message}}
    assert transient_of(service, ClientError(answer, operation)) is None
