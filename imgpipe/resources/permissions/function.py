"""What it takes to make the functions, what they run as, and what starts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from imgpipe.aws.actions import Condition, Grant, allow
from imgpipe.resources.alias import Alias
from imgpipe.resources.event_invoke_config import EventInvokeConfig
from imgpipe.resources.event_source_mapping import EventSourceMapping
from imgpipe.resources.function import Function
from imgpipe.resources.function_url import FunctionUrl
from imgpipe.resources.jobs_role import JobsRole
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.permission import EdgePermission, Permission
from imgpipe.resources.permissions._of import Permissions, permissions
from imgpipe.resources.role import Role
from imgpipe.resources.self_test import SelfTest
from imgpipe.resources.version import Version

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
_TO_LAMBDA: Final = ("StringEquals", "iam:PassedToService", ("lambda.amazonaws.com",))


@permissions.register
def _role(role: Role) -> Permissions:
    """With a boundary, none but bounded roles are made or given a policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
    """
    name = role.iam_name
    bound: Condition | None = (
        ("StringEquals", "iam:PermissionsBoundary", (role.boundary,)) if role.boundary else None
    )
    put = (*allow("iam", name, "PutRolePolicy", condition=bound), *_attach(role, name, bound))
    tag = allow("iam", name, "TagRole")
    boundary = allow("iam", name, "PutRolePermissionsBoundary", condition=bound) if bound else ()
    take_away = allow("iam", name, "DeleteRolePolicy", "DetachRolePolicy")
    delete = (*take_away, *allow("iam", name, "DeleteRole", "ListInstanceProfilesForRole"))
    return Permissions(
        read=allow(
            "iam", name, "GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"
        ),
        create=(*allow("iam", name, "CreateRole", condition=bound), *tag, *put),
        update=(*allow("iam", name, "UpdateAssumeRolePolicy"), *tag, *put, *take_away, *boundary),
        delete=delete,
    )


@permissions.register
def _jobs_role(role: JobsRole) -> Permissions:
    """The jobs that run as it are cancelled before it goes."""
    of_role = _role(role)
    cancel = (*allow("s3", "", "ListJobs"), *allow("s3", "*", "DescribeJob", "UpdateJobStatus"))
    return replace(of_role, delete=(*of_role.delete, *cancel))


def _attach(role: Role, name: str, bound: Condition | None) -> tuple[Grant, ...]:
    if not role.managed_policies:
        return ()
    return allow("iam", name, "AttachRolePolicy", condition=bound)


@permissions.register
def _function(function: Function) -> Permissions:
    """Who gives a function its role passes that, and who gives it a layer may read it.

    https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-function.html
    """
    name, passed = function.name, str(getattr(function.role, "iam_name", function.role.name))
    layer = function.layer.name if function.layer else function.layer_arn
    parts = (
        *allow("iam", passed, "PassRole", condition=_TO_LAMBDA),
        *(allow("lambda", layer, "GetLayerVersion") if layer else ()),
        *allow("lambda", name, "TagResource"),
    )
    return Permissions(
        read=allow("lambda", name, "GetFunction"),
        create=(*allow("lambda", name, "CreateFunction"), *parts),
        update=(
            *allow("lambda", name, "UpdateFunctionCode", "UpdateFunctionConfiguration"),
            *parts,
        ),
        delete=allow("lambda", name, "DeleteFunction"),
    )


@permissions.register
def _layer_version(layer: LayerVersion) -> Permissions:
    delete = allow("lambda", layer.name, "DeleteLayerVersion")
    publish = allow("lambda", layer.name, "PublishLayerVersion")
    return Permissions(
        allow("lambda", layer.name, "ListLayerVersions"), publish, (*publish, *delete), delete
    )


@permissions.register
def _version(version: Version) -> Permissions:
    name = version.function.name
    publish = allow("lambda", name, "PublishVersion", "GetFunction")
    return Permissions(allow("lambda", name, "ListVersionsByFunction"), publish, publish)


@permissions.register
def _self_test(test: SelfTest) -> Permissions:
    name = test.owner.name
    run = (
        *allow("lambda", name, "ListVersionsByFunction", "InvokeFunction", "TagResource"),
        *allow("s3", f"{test.destination.name}/*", "DeleteObject"),
        *allow("dynamodb", test.table.name, "DeleteItem"),
    )
    return Permissions(allow("lambda", name, "GetFunction"), run, run)


@permissions.register
def _alias(alias: Alias) -> Permissions:
    name = alias.owner.name
    return Permissions(
        allow("lambda", name, "GetAlias"),
        allow("lambda", name, "CreateAlias"),
        allow("lambda", name, "UpdateAlias", "ListVersionsByFunction", "DeleteFunction"),
    )


@permissions.register
def _event_invoke_config(config: EventInvokeConfig) -> Permissions:
    name = config.owner.name
    put = allow("lambda", name, "PutFunctionEventInvokeConfig")
    return Permissions(allow("lambda", name, "GetFunctionEventInvokeConfig"), put, put)


@permissions.register
def _function_url(url: FunctionUrl) -> Permissions:
    name = url.function.name
    return Permissions(
        allow("lambda", name, "GetFunctionUrlConfig"),
        allow("lambda", name, "CreateFunctionUrlConfig"),
        allow("lambda", name, "UpdateFunctionUrlConfig"),
    )


@permissions.register
def _edge_permission(permission: EdgePermission) -> Permissions:
    name = permission.owner.name
    add, remove = (allow("lambda", name, f"{verb}Permission") for verb in ("Add", "Remove"))
    return Permissions(allow("lambda", name, "GetPolicy"), add, (*remove, *add), remove)


@permissions.register
def _permission(permission: Permission) -> Permissions:
    name = permission.owner.name
    return Permissions(
        allow("lambda", name, "GetPolicy"),
        allow("lambda", name, "AddPermission"),
        allow("lambda", name, "RemovePermission", "AddPermission"),
    )


@permissions.register
def _mapping(mapping: EventSourceMapping) -> Permissions:
    """Narrowed to the function that is started; to the stream there is no way.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
    """
    name = mapping.function.name
    arn = f"arn:aws:lambda:{{region}}:{{account}}:function:{name}"
    to_it: Condition = ("ArnEquals", "lambda:FunctionArn", (arn,))
    create = allow("lambda", name, "CreateEventSourceMapping", condition=to_it)
    delete = allow("lambda", name, "DeleteEventSourceMapping", condition=to_it)
    change = allow("lambda", name, "UpdateEventSourceMapping", condition=to_it)
    return Permissions(
        allow("lambda", name, "ListEventSourceMappings"),
        create,
        (*change, *create, *delete),
        delete,
    )
