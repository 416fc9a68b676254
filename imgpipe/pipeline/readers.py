"""How each setting is told by what stands: THE table of readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from handler import schema
from imgpipe.aws.distribution_names import DOMAIN_TAG, GIVEN_TAG
from imgpipe.aws.policies import managed_policy_arns
from imgpipe.engine.resource import Live, Properties, Resource
from imgpipe.pipeline import retention
from imgpipe.pipeline.live_groups import is_main
from imgpipe.resources.alias import Alias
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.function import Function
from imgpipe.resources.log_group import LogGroup
from imgpipe.resources.role import Role
from imgpipe.resources.table import Table
from imgpipe.resources.version import Version

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline

_Reader = Callable[[Live, "Pipeline"], Any]


def _told(kind: type[Resource], read: Callable[[Properties, Pipeline], Any]) -> _Reader:
    """Return a reader of the one resource of ``kind``; ``None`` where there is none."""

    def told(live: Live, pipeline: Pipeline) -> Any:
        found = one(live, kind)
        return None if found is None else read(live[found], pipeline)

    return told


def one(live: Live, kind: type[Resource]) -> Resource | None:
    """Return the live resource of ``kind``, of which it is the main one."""
    return next((each for each in live if isinstance(each, kind) and is_main(each)), None)


def _property(kind: type[Resource], name: str) -> _Reader:
    return _told(kind, lambda properties, _: properties[name])


def variable(name: str) -> _Reader:
    """Return a reader of the function's variable ``name``."""
    return _told(Function, lambda function, _: function["Environment"]["Variables"].get(name))


def _switch(name: str) -> _Reader:
    told = variable(name)
    return lambda live, pipeline: {"true": True, "false": False}.get(told(live, pipeline))


def _tag_of_distribution(key: str) -> _Reader:
    return _told(Distribution, lambda distribution, _: distribution["Tags"].get(key, ""))


def _foreign_layer(function: Properties, pipeline: Pipeline) -> str:
    ours = f":{pipeline.aws.account}:layer:{pipeline.names.layer}:"
    return next((arn for arn in function["Layers"] if ours not in arn), "")


def _foreign_role(function: Properties, pipeline: Pipeline) -> str:
    arn = str(function["Role"])
    return "" if arn.rpartition("/")[2] == pipeline.names.role else arn


def _permissions(role: Properties, pipeline: Pipeline) -> str:
    managed = set(managed_policy_arns(pipeline.aws.partition))
    return "managed" if managed & set(role["ManagedPolicyArns"]) else "least"


RECIPE: Final = variable(schema.RECIPE)
KINDS: Final = (Function, Version, Alias, Role, LogGroup, Table, Bucket, Distribution)
"""The kinds of resources that tell settings."""
READERS: Final[Mapping[str, _Reader]] = {
    "source_bucket": variable(schema.SOURCE_BUCKET),
    "destination_bucket": variable(schema.DEST_BUCKET),
    "permissions": _told(Role, _permissions),
    "permissions_boundary": _property(Role, "PermissionsBoundary"),
    "role_path": _told(Role, lambda role, _: role["Path"].strip("/") and role["Path"]),
    "role_arn": _told(Function, _foreign_role),
    "runtime": _property(Function, "Runtime"),
    "architecture": _told(Function, lambda function, _: function["Architectures"][0]),
    "memory": _property(Function, "MemorySize"),
    "timeout": _property(Function, "Timeout"),
    "log_retention_days": _property(LogGroup, "RetentionInDays"),
    "deletion_protection": _property(Table, "DeletionProtectionEnabled"),
    "protect": lambda live, _: retention.protected(live),
    "retain": lambda live, pipeline: retention.kept(live, pipeline.names),
    "pillow_layer_arn": _told(Function, _foreign_layer),
    "jpeg_xl": _switch(schema.JPEG_XL),
    "removed": variable(schema.REMOVED),
    "domain": _tag_of_distribution(DOMAIN_TAG),
    "certificate_arn": _tag_of_distribution(GIVEN_TAG),
}
"""How each setting is told; ``None`` where no resource tells it."""
