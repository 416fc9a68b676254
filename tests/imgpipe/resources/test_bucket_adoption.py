"""A bucket that was there before: taken on a word, keeps what it had, given back as it was."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, State
from imgpipe.engine.resource import ADOPTED_TAG, OWNER_TAG, Resource
from imgpipe.errors import ImgpipeError, NotOursError, NotSetUpError
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.bucket_notification import CREATED, REMOVED, BucketNotification
from imgpipe.resources.bucket_policy import BucketPolicy
from imgpipe.resources.gallery_data import GalleryData
from imgpipe.resources.index_page import IndexPage
from tests.support.boxes import final
from tests.support.bucket_history import HISTORIES, KEY_ARN, KEY_ID, everything_of, make
from tests.support.contract.page import filling
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults, Sent

pytestmark = pytest.mark.slow

NAME: Final = "old-photos"
TAGS: Final = ((OWNER_TAG, "default"), ("team", "photo"))
FUNCTION: Final = "arn:aws:lambda:eu-west-1:123456789012:function:resize:live"


def as_source(bucket: Bucket) -> tuple[Resource, ...]:
    """What the pipeline puts on its source bucket."""
    alias = Given("live", (("AliasArn", FUNCTION),))
    permission, failures = Given("permission"), Given("failures")
    notification = BucketNotification(
        "imgpipe", bucket, alias, permission, failures, events=CREATED + REMOVED
    )
    policy = BucketPolicy(f"{bucket.name} policy", bucket=bucket)
    return (bucket, alias, permission, failures, policy, notification)


def as_destination(bucket: Bucket) -> tuple[Resource, ...]:
    """The page in its destination bucket; moto reads no condition, so the policy is left out."""
    function, table, trigger = Given("page"), Given("Rows"), Given("mapping")
    data = GalleryData(INDEX_KEY, bucket, function=function, table=table, trigger=trigger)
    return (bucket, function, table, trigger, IndexPage("index.html", bucket=bucket), data)


WORD, LATER_ON = Bucket(NAME, TAGS, adopt=(NAME,)), Bucket(NAME, TAGS)
ADOPTED, LATER = as_source(WORD), as_source(LATER_ON)


def parts(resources: tuple[Resource, ...]) -> list[Resource]:
    """Those that are real."""
    return [each for each in resources if not isinstance(each, Given)]


def _mixed() -> list[Any]:
    """Eight combinations of every setting's choices."""
    random = Random(15)
    return [
        pytest.param({each: random.choice(offered) for each, offered in HISTORIES.items()}, id=name)
        for name in "abcdefgh"
    ]


MIXED: Final = _mixed()
EVERY: Final = [
    *(
        pytest.param({operation: choice}, id=f"{operation}-{number}")
        for operation, offered in HISTORIES.items()
        for number, choice in enumerate(offered)
    ),
    *MIXED,
]


def require_kept(before: dict[str, Any], now: dict[str, Any]) -> None:
    """All it had stands beside ours; encryption and public access are only ever tightened."""
    kept = ["get_bucket_versioning", "get_bucket_ownership_controls"]
    if "aws:kms" in json.dumps(before["get_bucket_encryption"]):
        kept.append("get_bucket_encryption")
    assert {name: now[name] for name in kept} == {name: before[name] for name in kept}
    for name, member in (
        ("get_bucket_lifecycle_configuration", "Rules"),
        ("get_bucket_policy", "Statement"),
        ("get_bucket_tagging", "TagSet"),
        ("get_bucket_notification_configuration", "QueueConfigurations"),
    ):
        theirs = before[name].get(member, [])
        assert [each for each in now[name].get(member, []) if each in theirs] == theirs
        assert len(now[name].get(member, [])) > len(theirs) or member == "QueueConfigurations"
    assert set(now["get_public_access_block"]["PublicAccessBlockConfiguration"].values()) == {True}


@pytest.mark.parametrize("history", EVERY)
def test_it_is_given_back_as_it_was_with_every_object(aws: Aws, history: dict[str, Any]) -> None:
    """Whatever its settings were; in between all of ours is on it, and nothing drifts."""
    make(aws, NAME, history)
    before = everything_of(aws, NAME)
    done = final(reconcile.setup(ADOPTED, aws))
    assert {event.state for event in done.values()} == {State.DONE}
    assert {event.action for event in final(reconcile.setup(ADOPTED, aws)).values()} == {
        Action.NONE
    }
    assert {event.action for event in final(reconcile.setup(LATER, aws)).values()} == {Action.NONE}
    require_kept(before, everything_of(aws, NAME))

    events = final(reconcile.teardown(parts(LATER), aws))
    assert {event.state for event in events.values()} == {State.DONE}
    assert events[NAME].action is Action.GIVE_BACK
    assert everything_of(aws, NAME) == before


@pytest.mark.parametrize("history", MIXED)
def test_of_a_destination_the_page_and_its_data_go_and_nothing_else(
    aws: Aws, history: dict[str, Any]
) -> None:
    """Where versions are kept, theirs stay behind as versions do."""
    make(aws, NAME, history)
    before = everything_of(aws, NAME)
    aws.session.events.register("before-call", filling(aws, NAME))
    list(reconcile.setup(as_destination(WORD), aws))
    for key in (f"{PAGE_PREFIX}{32 * 'a'}.json", "2019/processed-a.jpg"):
        aws.client("s3").put_object(Bucket=NAME, Key=key, Body=b"{}")
    list(reconcile.teardown(parts(as_destination(LATER_ON)), aws))
    listed = aws.client("s3").list_objects_v2(Bucket=NAME)["Contents"]
    assert [each["Key"] for each in listed] == ["2019/a.jpg", "2019/processed-a.jpg", "tmp/b.jpg"]
    after = everything_of(aws, NAME)
    theirs = before["list_object_versions"]["Versions"]
    assert [each for each in after["list_object_versions"]["Versions"] if each in theirs] == theirs
    assert {**after, "list_object_versions": ()} == {**before, "list_object_versions": ()}


@pytest.mark.parametrize(
    ("encryption", "arn"),
    [
        ({"SSEAlgorithm": "AES256"}, ""),
        ({"SSEAlgorithm": "aws:kms"}, ""),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ID}, KEY_ARN),
        ({"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": KEY_ARN}, KEY_ARN),
    ],
)
def test_the_key_is_told_by_its_arn(aws: Aws, encryption: dict[str, str], arn: str) -> None:
    """That alone is what a policy may name."""
    rule = {"ApplyServerSideEncryptionByDefault": encryption}
    make(
        aws,
        NAME,
        {"put_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}},
    )
    assert (Bucket(NAME, TAGS).read(aws) or {})["KmsKeyArn"] == arn


@pytest.mark.parametrize(
    "alias", ["alias/photos", "arn:aws:kms:eu-west-1:123456789012:alias/photos"]
)
def test_an_alias_is_asked_for_its_key(aws: Aws, alias: str) -> None:
    """A policy that names an alias allows nothing."""
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/photos", TargetKeyId=key["KeyId"])
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": alias}
    }
    make(
        aws,
        NAME,
        {"put_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}},
    )
    assert (Bucket(NAME, TAGS).read(aws) or {})["KmsKeyArn"] == key["Arn"]


def test_a_stronger_encryption_stays_on_a_bucket_of_ours_too(aws: Aws) -> None:
    """Somebody may have set it on purpose."""
    bucket = Bucket(NAME, TAGS)
    list(reconcile.setup([bucket], aws))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    aws.client("s3").put_bucket_encryption(
        Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    assert final(reconcile.setup([bucket], aws))[NAME].action is Action.NONE


def test_without_the_word_it_is_left_alone_and_the_word_is_told(aws: Aws, calls: Calls) -> None:
    """By setup, before it changes anything, and by teardown."""
    make(aws, NAME, {})
    calls.clear()
    with pytest.raises(NotOursError, match="was there before") as caught:
        list(reconcile.setup(LATER, aws))
    assert caught.value.next == (f"setup --adopt {NAME}",)
    both = Bucket(NAME, TAGS, adopt=("other",)).not_ours({"Tags": {}})
    assert both.next == (f"setup --adopt other --adopt {NAME}",)
    assert {event.action for event in final(reconcile.teardown(parts(ADOPTED), aws)).values()} == {
        Action.NONE
    }
    assert calls.mutating == []


def test_a_dry_run_says_what_would_change_and_changes_nothing(aws: Aws, calls: Calls) -> None:
    """The bucket's settings of ours, and nothing that it keeps."""
    make(aws, NAME, {})
    calls.clear()
    planned = final(reconcile.plan(ADOPTED, aws))[NAME]
    assert planned.action is Action.UPDATE
    assert planned.changed >= {"Tags", "PublicAccessBlockConfiguration", "LifecycleConfiguration"}
    assert "OwnershipControls" not in planned.changed
    assert calls.mutating == []


def test_another_stages_bucket_is_not_adopted(aws: Aws, calls: Calls) -> None:
    """The word is for what is nobody's."""
    make(aws, NAME, {})
    tags = {"TagSet": [{"Key": OWNER_TAG, "Value": "blue"}]}
    aws.client("s3").put_bucket_tagging(Bucket=NAME, Tagging=tags)
    calls.clear()
    with pytest.raises(NotOursError, match="belongs to stage 'blue'"):
        list(reconcile.setup(ADOPTED, aws))
    assert calls.mutating == []


def test_a_bucket_of_our_own_making_stays_one_whatever_is_said(aws: Aws) -> None:
    """It goes with a teardown: nobody had it before."""
    list(reconcile.setup(LATER, aws))
    assert {event.action for event in final(reconcile.setup(ADOPTED, aws)).values()} == {
        Action.NONE
    }
    assert final(reconcile.teardown(parts(LATER), aws))[NAME].action is Action.DELETE


def test_what_is_not_there_is_not_made_in_its_place(aws: Aws, calls: Calls) -> None:
    """A slip in the name must not become a bucket."""
    with pytest.raises(NotSetUpError, match="is to be adopted, and does not exist"):
        list(reconcile.setup(ADOPTED, aws))
    assert calls.mutating == []


def test_our_further_tags_are_not_put_on_it(aws: Aws) -> None:
    """Its owner may have the same keys."""
    make(aws, NAME, {})
    list(reconcile.setup(ADOPTED, aws))
    answer = aws.client("s3").get_bucket_tagging(Bucket=NAME)
    assert {tag["Key"] for tag in answer["TagSet"]} == {OWNER_TAG, ADOPTED_TAG}


def everybody(**change: Any) -> str:
    """A policy that opens the bucket to the world."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{NAME}/*",
        **change,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


ENDPOINT: Final = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}


@pytest.mark.parametrize(
    ("operation", "parameters", "says"),
    [
        ("put_bucket_policy", {"Policy": everybody()}, "open to the world"),
        ("put_bucket_policy", {"Policy": everybody(Principal={"AWS": "*"})}, "open to the world"),
        ("put_object", {"Key": "gallery/style.css"}, "already holds gallery/style.css"),
        ("put_object", {"Key": "gallery/index.json"}, "already holds gallery/index.json"),
        *(
            (
                "put_bucket_notification_configuration",
                {
                    "NotificationConfiguration": {
                        "QueueConfigurations": [
                            {
                                "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:theirs",
                                "Events": [event],
                            }
                        ]
                    }
                },
                "already sends its new objects to somebody else",
            )
            for event in ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete")
        ),
    ],
)
def test_what_stands_in_our_place_is_told_before_anything_is_changed(
    aws: Aws, calls: Calls, operation: str, parameters: dict[str, Any], says: str
) -> None:
    """By a dry run, too."""
    make(aws, NAME, {})
    getattr(aws.client("s3"), operation)(Bucket=NAME, **parameters)
    calls.clear()
    resources = as_destination(WORD) if operation == "put_object" else ADOPTED
    ends = final(reconcile.plan(resources, aws)).values()
    assert [event for event in ends if event.error and says in event.error.message]
    with pytest.raises(NotOursError, match=says):
        list(reconcile.setup(resources, aws))
    assert calls.mutating == []


@pytest.mark.parametrize("change", [{"Effect": "Deny"}, {"Condition": ENDPOINT}])
def test_a_statement_for_everybody_need_not_be_public(aws: Aws, change: dict[str, Any]) -> None:
    """A denial is not, nor what has a condition."""
    make(aws, NAME, {"put_bucket_policy": {"Policy": everybody(**change)}})
    assert final(reconcile.setup(ADOPTED, aws))[NAME].state is State.DONE


def test_a_setup_that_breaks_off_has_remembered_what_it_changed(aws: Aws, faults: Faults) -> None:
    """The tag is there before anything else is."""
    make(aws, NAME, {})
    before = everything_of(aws, NAME)
    faults.fail("PutPublicAccessBlock", "AccessDenied", "no", status=403)
    assert final(reconcile.setup(ADOPTED, aws))[NAME].state is State.FAILED
    list(reconcile.setup(LATER, aws))
    list(reconcile.teardown(parts(LATER), aws))
    after = everything_of(aws, NAME)
    assert after["get_public_access_block"] == before["get_public_access_block"]


def test_a_teardown_that_breaks_off_still_gives_it_back(aws: Aws, faults: Faults) -> None:
    """What says that it was there before goes last."""
    make(aws, NAME, {"put_bucket_tagging": {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}})
    before = everything_of(aws, NAME)
    list(reconcile.setup(ADOPTED, aws))
    faults.fail("PutBucketTagging", "AccessDenied", "no", status=403)
    assert final(reconcile.teardown(parts(LATER), aws))[NAME].state is State.FAILED
    assert final(reconcile.teardown(parts(LATER), aws))[NAME].action is Action.GIVE_BACK
    after = everything_of(aws, NAME)
    assert after["get_bucket_tagging"] == before["get_bucket_tagging"]
    assert len(after["list_object_versions"]["Versions"]) == 2


def test_a_mark_that_somebody_rewrote_changes_no_switch(aws: Aws) -> None:
    """Nobody knows any more what was on; private is the safe guess."""
    make(aws, NAME, {})
    list(reconcile.setup(ADOPTED, aws))
    tags = {OWNER_TAG: "default", ADOPTED_TAG: "yes"}
    tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws.client("s3").put_bucket_tagging(Bucket=NAME, Tagging={"TagSet": tag_set})
    list(reconcile.teardown(parts(LATER), aws))
    block = everything_of(aws, NAME)["get_public_access_block"]
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}


def test_what_is_set_beside_the_lifecycle_rules_is_sent_along(
    aws: Aws, faults: Faults, sent: Sent
) -> None:
    """Left out, S3 would set it anew: which small objects are moved would be another matter."""
    make(aws, NAME, {})
    bucket = Bucket(NAME, TAGS, adopt=(NAME,))
    rules = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "a"}}]}
    sizes = {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    faults.answer("GetBucketLifecycleConfiguration", {**rules, **sizes}, times=3)
    list(reconcile.setup([bucket], aws))
    (put,) = sent.of("PutBucketLifecycleConfiguration")
    assert put["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_old_rules_and_ours_are_of_one_kind(aws: Aws, sent: Sent) -> None:
    """S3: "Filter element can only be used in Lifecycle V2", where another has a bare Prefix."""
    rules = {"Rules": [{"ID": "o", "Status": "Enabled", "Prefix": "a/", "Expiration": {"Days": 9}}]}
    make(aws, NAME, {"put_bucket_lifecycle_configuration": {"LifecycleConfiguration": rules}})
    list(reconcile.setup([Bucket(NAME, TAGS, adopt=(NAME,))], aws))
    put = sent.of("PutBucketLifecycleConfiguration")[-1]["LifecycleConfiguration"]["Rules"]
    assert ["Filter" in rule for rule in put] in ([False, False], [True, True])


def test_nothing_that_is_not_ours_is_ever_emptied(aws: Aws) -> None:
    """Not even by a bucket value that is handed something nobody owns."""
    make(aws, NAME, {})
    with pytest.raises(ImgpipeError):
        list(reconcile.setup(LATER, aws))
    list(reconcile.teardown(parts(LATER), aws))
    list(reconcile.teardown(parts(ADOPTED), aws))
    assert len(everything_of(aws, NAME)["list_object_versions"]["Versions"]) == 2
