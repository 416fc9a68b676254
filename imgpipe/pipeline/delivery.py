"""Renditions on demand: what stands for them beside the rest, where somebody wants them.

visitor -> edge function -> the edge's cache -> function URL -> delivery function -> source bucket
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from imgpipe.edge.code import code
from imgpipe.package import DELIVERY_ENTRY_POINT, fingerprint
from imgpipe.pipeline import function_ground
from imgpipe.pipeline.execution_role import delivery_role
from imgpipe.pipeline.given_role import GivenRole
from imgpipe.resources.edge_function import EdgeFunction
from imgpipe.resources.function_url import FunctionUrl
from imgpipe.resources.key_value_store import KeyValueStore
from imgpipe.resources.origin_access_control import OriginAccessControl
from imgpipe.resources.permission import EdgePermission

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline
    from imgpipe.resources.bucket import Bucket
    from imgpipe.resources.distribution import Distribution
    from imgpipe.resources.function import Function
    from imgpipe.settings import Settings

# CloudFront waits 30 s for an origin:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
TIMEOUT_SECONDS: Final = 29
# The two that a function's URL asks for, by what people call the permission.
_ACTIONS: Final = {
    "delivery permission": "InvokeFunctionUrl",
    "delivery invocation": "InvokeFunction",
}


@dataclass(frozen=True)
class Delivery:
    """What answers, in the order of their making, before there is a distribution."""

    role: Resource
    function: Function
    url: FunctionUrl
    access_control: OriginAccessControl
    keys: KeyValueStore
    edge_function: EdgeFunction

    def before(self, distribution: Distribution) -> Distribution:
        """Return ``distribution`` with this behind it."""
        return replace(
            distribution,
            function_url=self.url,
            url_access_control=self.access_control,
            edge_function=self.edge_function,
        )

    def resources(self, distribution: Distribution) -> tuple[Resource, ...]:
        """Return all of it that is wanted, with what lets ``distribution`` alone call it."""
        permissions = (
            EdgePermission(
                f"imgpipe-cloudfront-{action}",
                title=title,
                function=self.function,
                distribution=distribution,
                action=action,
            )
            for title, action in _ACTIONS.items()
        )
        roles = () if isinstance(self.role, GivenRole) else (self.role,)
        keys = (self.keys,) if self.keys.wanted else ()
        parts = (self.function, self.url, self.access_control, *keys, self.edge_function)
        return (*roles, *parts, *permissions)


def delivery(pipeline: Pipeline, source: Bucket, function: Function) -> Delivery:
    """Return what makes renditions on demand of ``source``; ``function`` makes all others.

    What nobody switched on is not wanted.
    """
    settings, names, tags = pipeline.settings, pipeline.names, function.tags
    wanted = settings.delivery.enabled
    # What a setup looks for where all of it is off: one call, of a right that it has anyway.
    ground = OriginAccessControl(
        names.delivery_access_control,
        title="delivery access",
        origin_type="lambda",
        wanted=wanted,
    )
    role = delivery_role(pipeline, tags, source, wanted=wanted, after=ground)
    makes = replace(
        function,
        name=names.delivery_function,
        role=role,
        handler=DELIVERY_ENTRY_POINT,
        memory=settings.delivery.memory,
        timeout=TIMEOUT_SECONDS,
        environment=function_ground.delivery_environment(settings, names),
        title="delivery function",
        wanted=wanted,
        after=ground,
    )
    signing = wanted and settings.delivery.signing
    keys = KeyValueStore(names.edge_function, tags, wanted=signing, after=ground)
    return Delivery(
        role,
        makes,
        FunctionUrl(f"{makes.name} URL", function=makes, wanted=wanted),
        ground,
        keys,
        EdgeFunction(
            names.edge_function,
            tags,
            code=_code(settings) if wanted else "",
            behind=makes,
            keys=keys,
            wanted=wanted,
        ),
    )


def _code(settings: Settings) -> str:
    made_by = fingerprint(settings.recipe, settings.assets)
    return code(settings.delivery, settings.recipe, made_by)
