"""What botocore raises, understood: which errors mean absence or "not now", and what every other one says to a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import botocore.exceptions
from botocore.exceptions import ClientError

from imgpipe.errors import CredentialsError, ImgpipeError, ServiceError

T = TypeVar("T")

_ABSENT: Final = frozenset(
    {
        "NotFound",
        "NotFoundException",
        "ResourceNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ServerSideEncryptionConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
    }
)
_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_UNKNOWN_KEY: Final = frozenset(
    {
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "AuthFailure",
    }
)
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


def error_code(error: ClientError) -> str:
    """Return AWS's own code, such as ``NoSuchBucket`` (HEAD requests have no body, so theirs is the bare HTTP status)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def absent(error: ClientError) -> bool:
    """Say whether the error means "there is no such thing", whichever way the service spells it."""
    code = error_code(error)
    return code == "404" or code in _ABSENT or code.startswith("NoSuch")


def existing(error: ClientError) -> bool:
    """Say whether the error means "that is already there", whichever way the service spells it."""
    code = error_code(error)
    return code in {"ResourceConflictException", "ResourceInUseException"} or code.removesuffix(
        "Exception"
    ).endswith("AlreadyExists")


def denied(error: ClientError) -> bool:
    """Say whether the credentials lack the permission."""
    return error_code(error) in _DENIED


def conflicting(error: ClientError) -> bool:
    """Say whether S3 refused because another change of the same bucket is under way; it passes, but botocore does not retry it."""
    return error_code(error) in {"OperationAborted", "ConflictException"}


def or_none(call: Callable[[], T]) -> T | None:
    """Return what ``call`` returns, or ``None`` where AWS says there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if absent(error):
            return None
        raise


@contextmanager
def already_gone() -> Iterator[None]:
    """Take AWS's "there is no such thing" as success."""
    try:
        yield
    except ClientError as error:
        if not absent(error):
            raise


@contextmanager
def translated() -> Iterator[None]:
    """Turn botocore's errors into ours, saying what to do next. Errors that only a bug can cause pass through.

    Raises:
        CredentialsError: no, wrong or expired credentials.
        ServiceError: AWS refused or could not be reached.
    """
    try:
        yield
    except Exception as error:
        if (ours := translation(error)) is None:
            raise
        raise ours from error


def translation(error: Exception) -> ImgpipeError | None:
    """Return botocore's error as one of ours; ``None`` for anything else, which only a bug can cause."""
    return _client_error(error) if isinstance(error, ClientError) else _botocore_error(error)


def _client_error(error: ClientError) -> ImgpipeError:
    code, operation = error_code(error), error.operation_name
    message = error.response.get("Error", {}).get("Message", "")
    if code in _EXPIRED:
        return CredentialsError(
            "the AWS credentials have expired",
            hint="renew them, for example with 'aws sso login', then run the command again",
            aws_code=code,
        )
    if code in _UNKNOWN_KEY:
        return CredentialsError(
            f"AWS does not accept these credentials: {message}",
            hint="check --profile and the AWS_* variables",
            aws_code=code,
        )
    if denied(error):
        return ServiceError(
            f"{operation} was denied: {message}",
            hint="ask for that permission, or use another --profile",
            aws_code=code,
        )
    return ServiceError(
        f"{operation} failed: {message or code}",
        hint="run the command again; if it stays, add --debug",
        aws_code=code,
    )


def _botocore_error(error: Exception) -> ImgpipeError | None:
    for kinds, (ours, hint) in _BOTOCORE_ERRORS.items():
        if isinstance(error, kinds):
            demo = isinstance(error, botocore.exceptions.NoCredentialsError)
            message = str(error).strip().rstrip(".")
            return ours(message, hint=hint, next=("demo",) if demo else ())
    return None


_BOTOCORE_ERRORS: Final[dict[tuple[type[Exception], ...], tuple[type[ImgpipeError], str]]] = {
    (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError): (
        CredentialsError,
        "run 'aws configure' or pass --profile",
    ),
    (botocore.exceptions.ProfileNotFound,): (
        CredentialsError,
        "'aws configure list-profiles' names the profiles there are",
    ),
    (botocore.exceptions.NoRegionError,): (
        CredentialsError,
        "pass --region, or set AWS_REGION, or 'region' in imgpipe.toml",
    ),
    (
        botocore.exceptions.SSOError,
        botocore.exceptions.TokenRetrievalError,
        botocore.exceptions.CredentialRetrievalError,
        botocore.exceptions.InvalidConfigError,
        botocore.exceptions.ConfigParseError,
    ): (
        CredentialsError,
        "renew the login, for example with 'aws sso login', then run the command again",
    ),
    (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError): (
        ServiceError,
        "check the network and --endpoint-url, then run the command again",
    ),
}
