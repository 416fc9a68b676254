"""One AWS account in one region: clients, translated errors, and bounded waiting. The only module that imports boto3."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import boto3
import botocore.exceptions
from botocore.config import Config
from botocore.exceptions import ClientError

from imgpipe.errors import CredentialsError, ImgpipeError, NotSettledError, ServiceError

T = TypeVar("T")

# A synchronous Lambda invocation may take 15 minutes; with the default 60 s botocore would send it a second time.
READ_TIMEOUT: Final = 905.0
# botocore's default retry mode changes with its releases, so it is stated.
RETRIES: Final = {"mode": "standard", "total_max_attempts": 5}

_log = logging.getLogger(__name__)

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
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_KEY: Final = frozenset({"InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException", "AuthFailure"})
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})


@dataclass(frozen=True)
class Credentials:
    """A key pair given by hand, for the embedded AWS; real accounts use boto3's own chain."""

    access_key: str
    secret_key: str = field(repr=False)


class Aws:
    """What the core needs to speak to AWS. Thread-safe: clients are, and their creation is serialised here.

    ``sleep`` and ``clock`` count seconds; tests pass their own. ``interrupted`` is set on Ctrl-C and ends every wait.
    """

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self.endpoint_url = endpoint_url
        self.interrupted = threading.Event()
        self.sleep = sleep or self.interrupted.wait
        self.clock = clock
        session.events.register("after-call", _log_call)
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        """The region every regional client speaks to."""
        return str(self.session.region_name)

    @cached_property
    def account(self) -> str:
        """The 12-digit account id (``sts:GetCallerIdentity``, which needs no permission)."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @cached_property
    def partition(self) -> str:
        """The region's partition: ``aws``, ``aws-cn`` or ``aws-us-gov``, the first word of every ARN."""
        return str(self.session.get_partition_for_region(self.region))

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
        """Return the one client for ``service``, made on first use."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.session.client(service, endpoint_url=self.endpoint_url, config=_config())
            return self._clients[service]

    def settle(self, attempt: Callable[[], T], ready: Callable[[T], bool], *, what: str, seconds: float = 300, every: float = 2) -> T:
        """Call ``attempt`` until ``ready`` says yes to its result, at least once and at most for ``seconds``; return that result.

        Raises:
            NotSettledError: ``what`` did not come to rest in time.
            KeyboardInterrupt: Ctrl-C was pressed meanwhile.
        """
        deadline = self.clock() + seconds
        while not ready(result := attempt()):
            if self.clock() >= deadline:
                raise NotSettledError(f"{what} did not settle within {seconds:.0f} s", hint="run the same command again: it goes on where it stopped")
            self._pause(every)
        return result

    def retry(self, call: Callable[[], T], transient: Callable[[ClientError], bool], *, seconds: float = 300, every: float = 2) -> T:
        """Call while AWS answers with a ``transient`` error, for at most ``seconds``; past them that error is raised as it is.

        For what AWS's eventual consistency refuses now and accepts later, and botocore does not retry by itself.
        """
        deadline = self.clock() + seconds
        while True:
            try:
                return call()
            except ClientError as error:
                if not transient(error) or self.clock() >= deadline:
                    raise
            self._pause(every)

    def _pause(self, seconds: float) -> None:
        self.sleep(seconds)
        if self.interrupted.is_set():
            raise KeyboardInterrupt


def connect(
    *, profile: str | None = None, region: str | None = None, endpoint_url: str | None = None, credentials: Credentials | None = None
) -> Aws:
    """Return the account that ``profile`` (or boto3's own chain, or ``credentials``) and ``region`` lead to. Nothing is called yet.

    Raises:
        CredentialsError: the profile does not exist, or no region is known.
    """
    keys = {"aws_access_key_id": credentials.access_key, "aws_secret_access_key": credentials.secret_key} if credentials else {}
    with translated():
        session = boto3.Session(profile_name=profile, region_name=region, **keys)
    if not session.region_name:
        raise CredentialsError("no AWS region is set", hint="pass --region, or set AWS_REGION, or 'region' in imgpipe.toml")
    return Aws(session, endpoint_url=endpoint_url)


def error_code(error: ClientError) -> str:
    """Return AWS's own code, such as ``NoSuchBucket`` (HEAD requests have no body, so theirs is the bare HTTP status)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def absent(error: ClientError) -> bool:
    """Say whether the error means "there is no such thing", whichever way the service spells it."""
    code = error_code(error)
    return code == "404" or code in _ABSENT or code.startswith("NoSuch")


def conflicting(error: ClientError) -> bool:
    """Say whether S3 refused because another change of the same bucket is under way; it passes, but botocore does not retry it."""
    return error_code(error) in {"OperationAborted", "ConflictException"}


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


def _log_call(http_response: Any, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's event arguments
    # Never the request itself: its headers carry signatures, its body may carry a picture.
    _log.debug("%s %s -> %s", model.service_model.service_name, model.name, http_response.status_code)


def _client_error(error: ClientError) -> ImgpipeError:
    code, operation = error_code(error), error.operation_name
    message = error.response.get("Error", {}).get("Message", "")
    if code in _EXPIRED:
        return CredentialsError("the AWS credentials have expired", hint="renew them, for example with 'aws sso login', then run the command again", code=code)
    if code in _UNKNOWN_KEY:
        return CredentialsError(f"AWS does not accept these credentials: {message}", hint="check --profile and the AWS_* variables", code=code)
    if code in _DENIED:
        return ServiceError(f"{operation} was denied: {message}", hint="ask for that permission, or use another --profile", code=code)
    return ServiceError(f"{operation} failed: {message or code}", hint="run the command again; if it stays, add --debug", code=code)


def _botocore_error(error: Exception) -> ImgpipeError | None:
    for kinds, (ours, hint) in _BOTOCORE_ERRORS.items():
        if isinstance(error, kinds):
            return ours(str(error).strip().rstrip("."), hint=hint)
    return None


_BOTOCORE_ERRORS: Final[dict[tuple[type[Exception], ...], tuple[type[ImgpipeError], str]]] = {
    (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError): (
        CredentialsError,
        "run 'aws configure' or pass --profile; to try imgpipe without an account: imgpipe demo",
    ),
    (botocore.exceptions.ProfileNotFound,): (CredentialsError, "'aws configure list-profiles' names the profiles there are"),
    (botocore.exceptions.NoRegionError,): (CredentialsError, "pass --region, or set AWS_REGION, or 'region' in imgpipe.toml"),
    (
        botocore.exceptions.SSOError,
        botocore.exceptions.TokenRetrievalError,
        botocore.exceptions.CredentialRetrievalError,
        botocore.exceptions.InvalidConfigError,
        botocore.exceptions.ConfigParseError,
    ): (CredentialsError, "renew the login, for example with 'aws sso login', then run the command again"),
    (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError): (
        ServiceError,
        "check the network and --endpoint-url, then run the command again",
    ),
}


def _config() -> Config:
    return Config(retries=RETRIES, read_timeout=READ_TIMEOUT, connect_timeout=10, max_pool_connections=32, user_agent_extra="imgpipe")
