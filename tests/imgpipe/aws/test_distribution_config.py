"""CloudFront's configuration in our words: its defaults and others' additions are kept."""

from __future__ import annotations

from typing import Any

import botocore.session
import botocore.validate
import pytest

from imgpipe.aws import distribution_names
from imgpipe.aws.distribution_config import (
    CACHING_OPTIMIZED,
    SECURITY_HEADERS,
    Delivery,
    desired_config,
    live_properties,
    merged,
)
from imgpipe.engine.resource import differences

DESIRED = desired_config("pictures.s3.eu-west-1.amazonaws.com", "E1CONTROL")


def listed(*items: object) -> dict[str, Any]:
    """CloudFront's way to write a list."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def as_aws_returns_it() -> dict[str, Any]:
    """A distribution of ours with everything AWS fills in by itself."""
    return {
        "CallerReference": "imgpipe default eu-west-1 E1CONTROL",
        "Aliases": listed(),
        "DefaultRootObject": "index.html",
        "Origins": listed(
            {
                "Id": "imgpipe",
                "DomainName": "pictures.s3.eu-west-1.amazonaws.com",
                "OriginPath": "",
                "CustomHeaders": listed(),
                "S3OriginConfig": {"OriginAccessIdentity": "", "OriginReadTimeout": 30},
                "ConnectionAttempts": 3,
                "ConnectionTimeout": 10,
                "OriginShield": {"Enabled": False},
                "OriginAccessControlId": "E1CONTROL",
            }
        ),
        "OriginGroups": listed(),
        "DefaultCacheBehavior": {
            "TargetOriginId": "imgpipe",
            "TrustedSigners": {"Enabled": False, "Quantity": 0},
            "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {**listed("HEAD", "GET"), "CachedMethods": listed("HEAD", "GET")},
            "SmoothStreaming": False,
            "Compress": True,
            "LambdaFunctionAssociations": listed(),
            "FunctionAssociations": listed(),
            "FieldLevelEncryptionId": "",
            "CachePolicyId": CACHING_OPTIMIZED,
            "ResponseHeadersPolicyId": SECURITY_HEADERS,
            "GrpcConfig": {"Enabled": False},
        },
        "CacheBehaviors": listed(),
        "CustomErrorResponses": listed(
            {
                "ErrorCode": 404,
                "ResponsePagePath": "",
                "ResponseCode": "",
                "ErrorCachingMinTTL": 10,
            },
            {
                "ErrorCode": 403,
                "ResponsePagePath": "",
                "ResponseCode": "",
                "ErrorCachingMinTTL": 10,
            },
        ),
        "Comment": "imgpipe default eu-west-1",
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "PriceClass": "PriceClass_All",
        "Enabled": True,
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": True,
            "MinimumProtocolVersion": "TLSv1",
        },
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2and3",
        "IsIPV6Enabled": True,
        "ContinuousDeploymentPolicyId": "",
        "Staging": False,
    }


def with_somebodys_additions() -> dict[str, Any]:
    """The same with an alias, a certificate, an origin, a behavior and an error page of others."""
    config = as_aws_returns_it()
    config["Aliases"] = listed("photos.example.org")
    config["ViewerCertificate"] = {
        "ACMCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "SSLSupportMethod": "sni-only",
    }
    config["Origins"] = listed(
        {"Id": "api", "DomainName": "api.example.org"}, *config["Origins"]["Items"]
    )
    config["Origins"]["Items"][1]["OriginShield"] = {
        "Enabled": True,
        "OriginShieldRegion": "eu-west-1",
    }
    config["CacheBehaviors"] = listed({"PathPattern": "/api/*", "TargetOriginId": "api"})
    config["CustomErrorResponses"] = listed(
        {"ErrorCode": 500, "ErrorCachingMinTTL": 1}, *config["CustomErrorResponses"]["Items"]
    )
    config["CustomErrorResponses"]["Items"][1]["ResponsePagePath"] = "/missing.html"
    return config


@pytest.mark.parametrize(
    "config", [as_aws_returns_it(), with_somebodys_additions()], ids=["defaults", "additions"]
)
def test_what_aws_and_others_fill_in_is_no_difference(config: dict[str, Any]) -> None:
    """Only our own settings are compared."""
    assert differences(DESIRED, live_properties(config)) == frozenset()


@pytest.mark.parametrize(
    "config", [as_aws_returns_it(), with_somebodys_additions()], ids=["defaults", "additions"]
)
def test_laying_ours_over_it_loses_nothing(config: dict[str, Any]) -> None:
    """UpdateDistribution replaces everything, so everything goes back."""
    result = merged(config, DESIRED)
    for name in ("Origins", "CustomErrorResponses"):
        assert sorted(map(str, result[name]["Items"])) == sorted(map(str, config[name]["Items"]))
    methods = {"AllowedMethods": {**listed("GET", "HEAD"), "CachedMethods": listed("GET", "HEAD")}}
    assert result["DefaultCacheBehavior"] == {**config["DefaultCacheBehavior"], **methods}
    others = set(config) - {"Origins", "CustomErrorResponses", "DefaultCacheBehavior"}
    assert {name: result[name] for name in others} == {name: config[name] for name in others}


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"Enabled": False}, "Enabled"),
        ({"IsIPV6Enabled": False}, "IPV6Enabled"),
        ({"HttpVersion": "http1.1"}, "HttpVersion"),
        ({"Origins": listed({"Id": "api", "DomainName": "api.example.org"})}, "Origins"),
        ({"CustomErrorResponses": listed()}, "CustomErrorResponses"),
        ({"DefaultCacheBehavior": {"ViewerProtocolPolicy": "allow-all"}}, "DefaultCacheBehavior"),
    ],
)
def test_every_setting_of_ours_is_watched_and_put_back(change: dict[str, Any], seen: str) -> None:
    """A change of ours by hand is seen, and gone once ours is laid over it."""
    config = {**as_aws_returns_it(), **change}
    assert differences(DESIRED, live_properties(config)) == {seen}
    assert differences(DESIRED, live_properties(merged(config, DESIRED))) == frozenset()


def test_pictures_are_served_privately_and_only_over_https() -> None:
    """What must hold, said once more in AWS's own values."""
    (origin,) = DESIRED["Origins"]
    behavior = DESIRED["DefaultCacheBehavior"]
    assert origin["DomainName"] == "pictures.s3.eu-west-1.amazonaws.com"
    assert origin["OriginAccessControlId"] == "E1CONTROL"
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert behavior["ResponseHeadersPolicyId"] == "67f7725c-6f97-4210-82d7-5512b31e9d03"
    assert behavior["Compress"] is True
    assert (DESIRED["DefaultRootObject"], DESIRED["HttpVersion"]) == ("index.html", "http2and3")


@pytest.mark.parametrize("delivery", [False, True])
def test_a_new_configuration_is_one_botocore_knows(delivery: bool) -> None:
    """Every member, at every depth, is in CloudFront's own model; nothing required is missing."""
    model = botocore.session.get_session().get_service_model("cloudfront")
    shape = model.operation_model("CreateDistributionWithTags").input_shape
    config = merged({"CallerReference": "x", "Comment": "y"}, DELIVERING if delivery else DESIRED)
    report = botocore.validate.ParamValidator().validate(
        {"DistributionConfigWithTags": {"DistributionConfig": config, "Tags": {"Items": []}}}, shape
    )
    assert not report.has_errors(), report.generate_report()


DELIVERY = Delivery("/_img/*", "x.lambda-url.eu-west-1.on.aws", "E2CONTROL", "arn:of:the:function")
DELIVERING = desired_config("pictures.s3.eu-west-1.amazonaws.com", "E1CONTROL", DELIVERY)


@pytest.mark.parametrize(
    "config", [as_aws_returns_it(), with_somebodys_additions()], ids=["defaults", "additions"]
)
def test_renditions_on_demand_come_and_go_and_leave_nothing(config: dict[str, Any]) -> None:
    """Seen as a difference, laid over, no difference any more; and taken out as they came."""
    changed = {"Origins", "CacheBehaviors", "CustomErrorResponses"}
    assert differences(DELIVERING, live_properties(config)) == changed
    delivering = merged(config, DELIVERING)
    assert differences(DELIVERING, live_properties(delivering)) == frozenset()
    assert differences(DESIRED, live_properties(delivering)) == changed
    off = merged(delivering, DESIRED)
    assert differences(DESIRED, live_properties(off)) == frozenset()
    assert "imgpipe-delivery" not in str(off)
    assert names_of(off, "CacheBehaviors", "PathPattern") == names_of(
        config, "CacheBehaviors", "PathPattern"
    )


def test_a_domain_and_renditions_on_demand_hold_together() -> None:
    """Either comes and goes, and the other stays as it is."""
    named = distribution_names.answering("img.example.com", "arn:of:the:certificate")
    nameless = distribution_names.nameless()
    both = merged(as_aws_returns_it(), {**DELIVERING, **named})
    for config, desired, names in (
        (both, DELIVERING, named),
        (merged(both, {**DESIRED, **named}), DESIRED, named),
        (merged(both, {**DELIVERING, **nameless}), DELIVERING, nameless),
        (merged(both, DELIVERING), DELIVERING, named),
    ):
        assert differences(desired, live_properties(config)) == frozenset()
        assert distribution_names.read(config) == names


def names_of(config: dict[str, Any], name: str, key: str) -> list[str]:
    """What tells the elements of a list apart."""
    return [each[key] for each in config[name].get("Items", [])]


def test_on_demand_the_edge_is_asked_first_and_the_key_is_the_path_alone() -> None:
    """Before somebody's own behaviors; signed, over HTTPS, faults kept nowhere."""
    config = merged(with_somebodys_additions(), DELIVERING)
    assert names_of(config, "CacheBehaviors", "PathPattern") == ["/_img/*", "/api/*"]
    behavior = config["CacheBehaviors"]["Items"][0]
    assert behavior["CachePolicyId"] == "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"
    assert behavior["FunctionAssociations"] == listed(
        {"EventType": "viewer-request", "FunctionARN": "arn:of:the:function"}
    )
    (origin,) = [each for each in config["Origins"]["Items"] if each["Id"] == "imgpipe-delivery"]
    assert origin["OriginAccessControlId"] == "E2CONTROL"
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    kept = {
        each["ErrorCode"]: each["ErrorCachingMinTTL"]
        for each in config["CustomErrorResponses"]["Items"]
    }
    assert kept == {403: 10, 404: 10, 500: 0, 502: 0, 503: 0, 504: 0}
