"""The part of the table of what AWS refuses now and accepts later that is Lambda's."""

from __future__ import annotations

from typing import Final

from imgpipe.aws.transient import Transient

# Terraform's provider has met more of these than AWS documents.
_TERRAFORM: Final = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service"
_DOCS: Final = "https://docs.aws.amazon.com"
_FUNCTION: Final = f"{_TERRAFORM}/lambda/function.go"
_PERMISSION: Final = f"{_TERRAFORM}/lambda/permission.go"
_DESTINATION: Final = f"{_TERRAFORM}/lambda/function_event_invoke_config.go"
_MAPPING: Final = f"{_TERRAFORM}/lambda/event_source_mapping.go"
_STATES: Final = f"{_DOCS}/lambda/latest/dg/functions-states.html"
_KMS_DELAYS: Final = f"{_DOCS}/kms/latest/developerguide/accessing-kms.html"

_CONFLICT: Final = "ResourceConflictException"
_IN_USE: Final = "ResourceInUseException"
_NOT_FOUND: Final = "ResourceNotFoundException"

_FUNCTION_CHANGES: Final = (
    "UpdateFunctionConfiguration UpdateFunctionCode PublishVersion UpdateAlias DeleteFunction "
    "TagResource Invoke PutFunctionEventInvokeConfig RemovePermission "
    "CreateFunctionUrlConfig UpdateFunctionUrlConfig"
)


def _with_role(text: str, seconds: float = 300) -> Transient:
    """Return a row for a role, or its key, that Lambda has not been told of yet."""
    operations = "CreateFunction UpdateFunctionConfiguration"
    code = "InvalidParameterValueException"
    return Transient("lambda", operations, code, seconds, _FUNCTION, text=text)


def _destination(text: str) -> Transient:
    """Return a row for a queue, or the right to it, that Lambda does not see yet."""
    code, operation = "InvalidParameterValueException", "PutFunctionEventInvokeConfig"
    return Transient("lambda", operation, code, 120, _DESTINATION, text=text)


def _mapping(text: str) -> Transient:
    """Return a row for what a mapping's role may do, and Lambda does not see yet."""
    operations = "CreateEventSourceMapping UpdateEventSourceMapping"
    return Transient("lambda", operations, "InvalidParameterValueException", 300, _MAPPING, text)


LAMBDA: Final = (
    _with_role("cannot be assumed by Lambda"),
    _with_role("execution role does not have permissions"),
    _with_role("KMS key is invalid for CreateGrant"),
    _with_role("throttled by EC2", 840),
    Transient("lambda", "CreateFunction", _CONFLICT, 300, _FUNCTION, unless="already exist"),
    # A version that an alias of somebody's points at stays.
    Transient("lambda", _FUNCTION_CHANGES, _CONFLICT, 300, _STATES, unless="aliases reference"),
    Transient("lambda", "CreateAlias", _CONFLICT, 300, _STATES, unless="already exist"),
    # The statement's id is taken: read what it says, do not send it again.
    Transient("lambda", "AddPermission", _CONFLICT, 300, _PERMISSION, unless="already exists"),
    Transient(
        "lambda",
        "PublishVersion CreateAlias UpdateAlias AddPermission PutFunctionEventInvokeConfig "
        "TagResource Invoke",
        _NOT_FOUND,
        60,
        _PERMISSION,
    ),
    _destination("destination ARN"),
    _destination("does not have permissions"),
    _mapping("cannot be assumed by Lambda"),
    _mapping("execution role does not have permissions"),
    _mapping("ensure the role can perform"),
    # A function, or a stream, that was just made.
    Transient("lambda", "CreateEventSourceMapping", _NOT_FOUND, 60, _MAPPING),
    # It is still being created, changed or deleted.
    Transient(
        "lambda", "UpdateEventSourceMapping DeleteEventSourceMapping", _IN_USE, 300, _MAPPING
    ),
    Transient("lambda", "Invoke", "ResourceNotReadyException", 300, _STATES),
    Transient("lambda", "Invoke", "KMSAccessDeniedException", 120, _KMS_DELAYS),
    # Refused before it ran, and botocore does not send an Invoke twice (see ``Aws.invoker``).
    Transient(
        "lambda",
        "Invoke",
        "TooManyRequestsException",
        300,
        f"{_DOCS}/lambda/latest/api/API_Invoke.html",
    ),
)
