"""AWS's errors: which of them mean absence, and how each becomes an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from botocore.exceptions import ClientError

from imgpipe.aws.botocore_errors import translation_of, words_of
from imgpipe.errors import CredentialsError, ImgpipeError, ServiceError

T = TypeVar("T")

_ABSENT: Final = frozenset(
    {
        "EntityNotFound",
        "NotFound",
        "NotFoundException",
        # CloudWatch's, for an alarm.
        "ResourceNotFound",
        "ResourceNotFoundException",
        # DescribeContinuousBackups' own spelling, for a table that is not there or not there yet.
        "TableNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ServerSideEncryptionConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ObjectLockConfigurationNotFoundError",
    }
)
# What S3 asks for of a HEAD request, whose answer, a bare 403, has no body to say it in.
_ASKED_BY_HEAD: Final = {"HeadObject": "s3:GetObject", "HeadBucket": "s3:ListBucket"}
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}
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


@dataclass(frozen=True)
class _Refusal:
    """One row of what AWS refuses: its ``codes``, a ``text`` in its message, and what we say.

    ``message`` is a format string of ``operation`` and ``message`` (AWS's own words, or its code).
    """

    codes: frozenset[str]
    ours: type[ImgpipeError]
    message: str
    hint: str
    text: str = ""
    next: tuple[str, ...] = ()


# The first row that fits counts.
_REFUSALS: Final = (
    _Refusal(
        frozenset(
            {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
        ),
        CredentialsError,
        "the AWS credentials have expired",
        "renew them, for example with 'aws sso login', then run the command again",
    ),
    _Refusal(
        _UNKNOWN_KEY,
        CredentialsError,
        "AWS does not accept these credentials: {message}",
        "check --profile and the AWS_* variables",
    ),
    # https://github.com/aws-samples/aws-cdk-examples/issues/279: not a matter of permissions.
    _Refusal(
        _DENIED,
        ServiceError,
        "AWS has not verified this account for CloudFront yet: {message}",
        "no permission is missing: open a support case (hours to days), then run setup again; "
        "until then pictures are processed, only without the CDN",
        text="account must be verified",
        next=("setup",),
    ),
    _Refusal(
        _DENIED,
        ServiceError,
        "{operation} was denied: {message}",
        "ask for that permission, or use another --profile",
    ),
    # https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
    _Refusal(
        frozenset({"KMSAccessDeniedException"}),
        ServiceError,
        "the function cannot start: {message}",
        "its role was made anew by somebody, and AWS's key knows only the old one",
        next=("setup",),
    ),
    # https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    _Refusal(
        frozenset({"KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException"}),
        ServiceError,
        "the function cannot start, as the key of its variables cannot be used: {message}",
        "enable that KMS key again, or take it off the function: setup uses AWS's own",
        next=("setup",),
    ),
    # A HEAD request's answer has no body, and S3 answers expired credentials with a bare 400.
    _Refusal(
        frozenset({"400"}),
        ServiceError,
        "{operation} failed: {message}",
        "S3 does not say why; most often the credentials have just expired: renew them",
    ),
)


def error_code(error: ClientError) -> str:
    """Return AWS's own code, such as ``NoSuchBucket``; a HEAD request's is the bare HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_text(error: ClientError) -> str:
    """Return AWS's own message; empty if it sent none."""
    return str(error.response.get("Error", {}).get("Message", ""))


def absent(error: ClientError) -> bool:
    """Say whether the error means "there is no such thing", whichever way the service spells it."""
    code = error_code(error)
    return code == "404" or code in _ABSENT or code.startswith("NoSuch")


def existing(error: ClientError) -> bool:
    """Say whether the error means "that is already there", whichever way the service spells it."""
    code = error_code(error)
    if code in {"ResourceConflictException", "ResourceInUseException"}:
        return True
    return code.removesuffix("Exception").endswith("AlreadyExists")


def denied(error: ClientError) -> bool:
    """Say whether the credentials lack the permission."""
    return error_code(error) in _DENIED


def lacks_permission(error: ImgpipeError) -> bool:
    """Say whether an error of ours tells that the credentials lack the permission."""
    return error.aws_code in _DENIED


def unknown_key(error: ClientError) -> bool:
    """Say whether AWS does not know the credentials, here."""
    return error_code(error) in _UNKNOWN_KEY


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
    """Turn botocore's errors into ours, with a next step; errors only a bug can cause pass through.

    Raises:
        CredentialsError: no, wrong or expired credentials, or a broken configuration of them.
        ServiceError: AWS refused or could not be reached.
    """
    try:
        yield
    except Exception as error:
        if (ours := translation(error)) is None:
            raise
        raise ours from error


def translation(error: Exception) -> ImgpipeError | None:
    """Return botocore's error as one of ours; ``None`` for what only a bug can cause."""
    if isinstance(error, ClientError):
        return _client_error(error)
    if (row := translation_of(type(error))) is None:
        return None
    return row.ours(words_of(error), hint=row.hint, next=row.next)


def _client_error(error: ClientError) -> ImgpipeError:
    code, text = error_code(error), error_text(error)
    if code == "403" and (asked := _ASKED_BY_HEAD.get(error.operation_name)):
        text = f"S3 does not say why; most often {asked} is missing"
    words = {"operation": error.operation_name, "message": text or code}
    for row in _REFUSALS:
        if code in row.codes and row.text in text:
            message = row.message.format(**words)
            return row.ours(message, hint=row.hint, next=row.next, aws_code=code)
    return ServiceError(
        "{operation} failed: {message}".format(**words),
        hint="run the command again; if it stays, add --debug",
        aws_code=code,
    )
