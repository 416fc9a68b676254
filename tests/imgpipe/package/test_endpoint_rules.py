"""A service's endpoint rules, pared: the same endpoint for all that the function asks for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

from handler.schema import OPERATIONS
from imgpipe.package.endpoint_rules import pared

BUCKETS = ("imgpipe-dev-source-111122223333-eu-west-1", "my.old.photos", "UPPER_old", "abc")
OFF = {"UseFIPS": False, "UseDualStack": False, "Accelerate": False}
WAYS: dict[str, list[dict[str, Any]]] = {
    "s3": [
        {**OFF, "Bucket": bucket, "ForcePathStyle": path, "UseGlobalEndpoint": worldwide}
        for bucket in BUCKETS
        for path in (False, True)
        for worldwide in (False, True)
    ],
    "dynamodb": [OFF, {**OFF, "AccountId": "111122223333", "AccountIdEndpointMode": "preferred"}],
    "cloudfront": [OFF],
    "lambda": [OFF],
}


def regions() -> list[str]:
    """Every region of every partition."""
    partitions = create_loader().load_data("endpoints")["partitions"]
    return [region for partition in partitions for region in partition["regions"]]


def rules(service: str) -> dict[str, Any]:
    """botocore's own."""
    loader = create_loader()
    version = loader.determine_latest_version(service, "service-2")
    whole: dict[str, Any] = loader.load_service_model(service, "endpoint-rule-set-1", version)
    return whole


def resolved(provider: EndpointProvider, **parameters: Any) -> Any:
    """The endpoint, or why there is none."""
    try:
        endpoint = provider.resolve_endpoint(**parameters)
    except EndpointProviderError as error:
        return str(error)
    return endpoint.url, endpoint.properties, endpoint.headers


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_region_has_the_endpoint_that_all_the_rules_give(service: str) -> None:
    """A picture must never go to another host because a rule was taken for superfluous."""
    partitions = create_loader().load_data("partitions")
    whole, less = (
        EndpointProvider(ruleset, partitions) for ruleset in (rules(service), pared(rules(service)))
    )
    for region in (*regions(), "aws-global"):
        for way in WAYS[service]:
            for endpoint in ({}, {"Endpoint": "http://127.0.0.1:4566"}):
                asked = {**way, **endpoint, "Region": region}
                assert resolved(less, **asked) == resolved(whole, **asked), asked


def test_most_of_s3s_rules_are_left_out() -> None:
    """They would be read, and made objects of, at every cold start."""
    assert len(str(pared(rules("s3")))) < 0.15 * len(str(rules("s3")))
