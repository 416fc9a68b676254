"""The distribution, and who signs its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imgpipe.aws.distribution_config import merged
from imgpipe.engine.resource import Live
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.edge_function import EdgeFunction
from imgpipe.resources.key_value_store import KeyValueStore
from imgpipe.resources.origin_access_control import OriginAccessControl
from tests.support.contract import TAGS, Case, Drift
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws

_CONTROL: Final = OriginAccessControl("imgpipe-default-eu-west-1")
_BUCKET = Given("pictures", (("RegionalDomainName", "pictures.s3.eu-west-1.amazonaws.com"),))
_DISTRIBUTION = Distribution(
    "imgpipe default eu-west-1", TAGS, origin=_BUCKET, origin_access_control=_CONTROL
)


def _control_config(**change: str) -> dict[str, Any]:
    return {
        "Name": _CONTROL.name,
        "Description": _CONTROL.description,
        **_CONTROL.properties(Live()),
        **change,
    }


def _control_id(aws: Aws) -> str:
    return str((_CONTROL.read(aws) or {})["Id"])


def _sign_never(aws: Aws) -> None:
    aws.client("cloudfront").update_origin_access_control(
        Id=_control_id(aws), OriginAccessControlConfig=_control_config(SigningBehavior="never")
    )


def _make_control(aws: Aws) -> None:
    aws.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig=_control_config(Description="theirs")
    )


def _delete_control(aws: Aws) -> None:
    cloudfront, identifier = aws.client("cloudfront"), _control_id(aws)
    etag = cloudfront.get_origin_access_control(Id=identifier)["ETag"]
    cloudfront.delete_origin_access_control(Id=identifier, IfMatch=etag)


ORIGIN_ACCESS_CONTROL = Case(
    _CONTROL,
    (),
    {"signing": Drift(_sign_never, ("UpdateOriginAccessControl",))},
    remove=_delete_control,
    theirs=_make_control,
)


def _live(aws: Aws) -> Any:
    return _DISTRIBUTION.read(aws)


def _update(change: Callable[[dict[str, Any]], object]) -> Any:
    """Return what changes the live configuration by hand, as the console does."""

    def by_hand(aws: Aws) -> None:
        cloudfront, identifier = aws.client("cloudfront"), _live(aws)["Id"]
        answer = cloudfront.get_distribution_config(Id=identifier)
        change(answer["DistributionConfig"])
        cloudfront.update_distribution(
            Id=identifier, IfMatch=answer["ETag"], DistributionConfig=answer["DistributionConfig"]
        )

    return by_hand


def _untag(aws: Aws) -> None:
    aws.client("cloudfront").untag_resource(Resource=_live(aws)["Arn"], TagKeys={"Items": ["team"]})


def _unsign(config: dict[str, Any]) -> None:
    config["Origins"]["Items"][0]["OriginAccessControlId"] = ""


def _remember_long(config: dict[str, Any]) -> None:
    config["CustomErrorResponses"]["Items"][0]["ErrorCachingMinTTL"] = 3600


def _allow_http(config: dict[str, Any]) -> None:
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "allow-all"


def _delete(aws: Aws) -> None:
    _update(lambda config: config.update(Enabled=False))(aws)
    cloudfront, identifier = aws.client("cloudfront"), _live(aws)["Id"]
    etag = cloudfront.get_distribution(Id=identifier)["ETag"]
    cloudfront.delete_distribution(Id=identifier, IfMatch=etag)


def _make_namesake(aws: Aws) -> None:
    """Make another one with our comment, as comments need not be unique."""
    signed = Live({_BUCKET: dict(_BUCKET.attributes), _CONTROL: {"Id": "E1THEIRS"}})
    desired = _DISTRIBUTION.properties(signed)
    config = merged({"CallerReference": "theirs", "Comment": _DISTRIBUTION.name}, desired)
    aws.client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": []}}
    )


_UPDATED = ("UpdateDistribution",)
DISTRIBUTION = Case(
    _DISTRIBUTION,
    (_BUCKET, _CONTROL),
    {
        "switched off": Drift(_update(lambda config: config.update(Enabled=False)), _UPDATED),
        "root": Drift(_update(lambda config: config.update(DefaultRootObject="a")), _UPDATED),
        "plain http": Drift(_update(_allow_http), _UPDATED),
        "unsigned": Drift(_update(_unsign), _UPDATED),
        "errors remembered": Drift(_update(_remember_long), _UPDATED),
        "tag": Drift(_untag, ("TagResource",)),
    },
    remove=_delete,
    theirs=_make_namesake,
    beside=True,
)


def _function(operation: str, **parameters: Any) -> Any:
    """Return what calls ``operation`` on the edge function by hand."""

    def by_hand(aws: Aws) -> None:
        cloudfront = aws.client("cloudfront")
        etag = cloudfront.describe_function(Name=_EDGE.name, Stage="DEVELOPMENT")["ETag"]
        getattr(cloudfront, operation)(Name=_EDGE.name, IfMatch=etag, **parameters)

    return by_hand


def _other_code(aws: Aws) -> None:
    config = {"Comment": "by hand", "Runtime": "cloudfront-js-2.0"}
    _function("update_function", FunctionConfig=config, FunctionCode=b"// theirs")(aws)
    _function("publish_function")(aws)


def _older_runtime(aws: Aws) -> None:
    config = {"Comment": "by hand", "Runtime": "cloudfront-js-1.0"}
    _function("update_function", FunctionConfig=config, FunctionCode=_EDGE.code.encode())(aws)


def _other_keys(aws: Aws) -> None:
    stores = {"Quantity": 1, "Items": [{"KeyValueStoreARN": f"{_KEYS.attributes[0][1]}-theirs"}]}
    config = {"Comment": "by hand", "Runtime": "cloudfront-js-2.0"}
    change = {"FunctionConfig": {**config, "KeyValueStoreAssociations": stores}}
    _function("update_function", FunctionCode=_EDGE.code.encode(), **change)(aws)


def _untag_function(key: str) -> Any:
    def by_hand(aws: Aws) -> None:
        arn = (_EDGE.read(aws) or {})["Arn"]
        aws.client("cloudfront").untag_resource(Resource=arn, TagKeys={"Items": [key]})

    return by_hand


def _make_function(aws: Aws) -> None:
    config = {"Comment": "theirs", "Runtime": "cloudfront-js-2.0"}
    create = aws.client("cloudfront").create_function
    create(Name=_EDGE.name, FunctionConfig=config, FunctionCode=b"// theirs", Tags={"Items": []})


_BEHIND: Final = Given("deliver")
_KEYS: Final = Given("keys", (("Arn", "arn:aws:cloudfront::123456789012:key-value-store/k"),))
_EDGE: Final = EdgeFunction(
    "imgpipe-default-eu-west-1", TAGS, code="// ours\n", behind=_BEHIND, keys=_KEYS
)
_PUBLISHED: Final = ("UpdateFunction", "PublishFunction")
EDGE_FUNCTION = Case(
    _EDGE,
    (_BEHIND, _KEYS),
    {
        "code": Drift(_other_code, _PUBLISHED),
        "runtime": Drift(_older_runtime, _PUBLISHED),
        "keys": Drift(_other_keys, _PUBLISHED),
        "tag": Drift(_untag_function("team"), ("TagResource",)),
    },
    remove=_function("delete_function"),
    theirs=_make_function,
)


_STORE: Final = KeyValueStore("imgpipe-default-eu-west-1", TAGS)


def _untag_store(aws: Aws) -> None:
    arn = (_STORE.read(aws) or {})["Arn"]
    aws.client("cloudfront").untag_resource(Resource=arn, TagKeys={"Items": ["team"]})


def _make_store(aws: Aws) -> None:
    aws.client("cloudfront").create_key_value_store(Name=_STORE.name)


def _delete_store(aws: Aws) -> None:
    cloudfront = aws.client("cloudfront")
    etag = cloudfront.describe_key_value_store(Name=_STORE.name)["ETag"]
    cloudfront.delete_key_value_store(Name=_STORE.name, IfMatch=etag)


def _empty_store(aws: Aws) -> None:
    """Make it anew, with our tags and without a key."""
    _delete_store(aws)
    tags = {"Items": [{"Key": key, "Value": value} for key, value in TAGS]}
    aws.client("cloudfront").create_key_value_store(Name=_STORE.name, Tags=tags)


KEY_VALUE_STORE = Case(
    _STORE,
    (),
    {
        "empty": Drift(_empty_store, ("UpdateKeys",)),
        "tag": Drift(_untag_store, ("TagResource",)),
    },
    remove=_delete_store,
    theirs=_make_store,
)
CASES = (ORIGIN_ACCESS_CONTROL, DISTRIBUTION, EDGE_FUNCTION, KEY_VALUE_STORE)
