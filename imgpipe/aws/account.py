"""One AWS account in one region: clients and bounded waiting. The only module that imports boto3."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from imgpipe.aws.errors import translated
from imgpipe.errors import CredentialsError, NotSettledError

T = TypeVar("T")

# A synchronous Lambda invocation may take 15 minutes; with the default 60 s botocore would send it a second time.
READ_TIMEOUT: Final = 905.0
# botocore's default retry mode changes with its releases, so it is stated.
RETRIES: Final = {"mode": "standard", "total_max_attempts": 5}

_log = logging.getLogger(__name__)


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

    def client(self, service: str) -> Any:
        """Return the one client for ``service``, made on first use."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.session.client(
                    service, endpoint_url=self.endpoint_url, config=_config()
                )
            return self._clients[service]

    def settle(
        self,
        attempt: Callable[[], T],
        ready: Callable[[T], bool],
        *,
        what: str,
        seconds: float = 300,
        every: float = 2,
    ) -> T:
        """Call ``attempt`` until ``ready`` says yes to its result, at least once and at most for ``seconds``; return that result.

        Raises:
            NotSettledError: ``what`` did not come to rest in time.
            KeyboardInterrupt: Ctrl-C was pressed meanwhile.
        """
        deadline = self.clock() + seconds
        while not ready(result := attempt()):
            if self.clock() >= deadline:
                raise NotSettledError(
                    f"{what} did not settle within {seconds:.0f} s",
                    hint="run the same command again: it goes on where it stopped",
                )
            self._pause(every)
        return result

    def retry(
        self,
        call: Callable[[], T],
        transient: Callable[[ClientError], bool],
        *,
        seconds: float = 300,
        every: float = 2,
    ) -> T:
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
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    credentials: Credentials | None = None,
) -> Aws:
    """Return the account that ``profile`` (or boto3's own chain, or ``credentials``) and ``region`` lead to. Nothing is called yet.

    Raises:
        CredentialsError: the profile does not exist, or no region is known.
    """
    keys = (
        {
            "aws_access_key_id": credentials.access_key,
            "aws_secret_access_key": credentials.secret_key,
        }
        if credentials
        else {}
    )
    with translated():
        session = boto3.Session(profile_name=profile, region_name=region, **keys)
    if not session.region_name:
        raise CredentialsError(
            "no AWS region is set",
            hint="pass --region, or set AWS_REGION, or 'region' in imgpipe.toml",
        )
    return Aws(session, endpoint_url=endpoint_url)


def _log_call(http_response: Any, model: Any, **_: object) -> None:
    # Never the request itself: its headers carry signatures, its body may carry a picture.
    _log.debug(
        "%s %s -> %s", model.service_model.service_name, model.name, http_response.status_code
    )


def _config() -> Config:
    return Config(
        retries=RETRIES,
        read_timeout=READ_TIMEOUT,
        connect_timeout=10,
        max_pool_connections=32,
        user_agent_extra="imgpipe",
    )
