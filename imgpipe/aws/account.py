"""One AWS account in one region: clients and bounded waiting; the one module that makes clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from imgpipe.aws import answers
from imgpipe.aws.errors import translated, unknown_key
from imgpipe.aws.network import ca_bundle, is_loopback
from imgpipe.aws.patience import Patience
from imgpipe.errors import CredentialsError

_Retries = dict[str, str | int]

READ_TIMEOUT_SECONDS: Final = 60.0
# A synchronous invocation may last the 15 minutes a function may, and its answer some seconds more.
INVOKE_TIMEOUT_SECONDS: Final = 905.0
# botocore's default retry mode changes with its releases, so it is stated.
RETRIES: Final[_Retries] = {"mode": "standard", "total_max_attempts": 5}
# An invocation whose answer got lost did run: sent again, it would run again.
NO_RETRIES: Final[_Retries] = {"mode": "standard", "total_max_attempts": 1}
# The one partition whose CloudFront serves buckets as imgpipe declares it.
PARTITION: Final = "aws"

_CONNECT_TIMEOUT_SECONDS: Final = 10.0
# Enabled in every account, so it tells wrong credentials from a region that is switched off.
_ALWAYS_ENABLED_REGION: Final = "us-east-1"


@dataclass(frozen=True)
class Credentials:
    """A key pair given by hand, for the embedded AWS; real accounts use boto3's own chain."""

    access_key: str
    secret_key: str = field(repr=False)


class Aws(Patience):
    """What the core needs to speak to AWS: clients, made once each, and patience. Thread-safe."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(sleep=sleep, clock=clock)
        self.session = session
        self.endpoint_url = endpoint_url
        session.events.register("after-call", answers.log)
        session.events.register("before-parse", answers.require_json)
        self._core.register_component("response_parser_factory", answers.Parsers())
        if endpoint_url:
            session.events.register("before-sign.cloudfront-keyvaluestore", self._at_the_endpoint)
        self._clients: dict[tuple[str, float, str], Any] = {}
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        """The region every regional client speaks to."""
        return str(self.session.region_name)

    @property
    def ca_bundle(self) -> str:
        """The file of certificate authorities to trust: of the environment, or the profile's."""
        return ca_bundle(self._core.get_config_variable("ca_bundle"))

    @property
    def _core(self) -> Any:
        return self.session._session  # noqa: SLF001 - boto3 has no name for it

    @cached_property
    def account(self) -> str:
        """The 12-digit account id (``sts:GetCallerIdentity``, which needs no permission).

        Raises:
            CredentialsError: the region is not enabled in this account, or the profile's
                ``credential_process`` cannot be run.
        """
        try:
            return str(self.client("sts").get_caller_identity()["Account"])
        except ClientError as error:
            if unknown_key(error) and self._known_elsewhere():
                raise _not_enabled(self.region) from error
            raise
        except FileNotFoundError as error:
            raise CredentialsError(
                f"the program {error.filename!r} is not there",
                hint="mend credential_process in ~/.aws/config",
            ) from error

    @cached_property
    def partition(self) -> str:
        """The region's partition, the second word of every ARN: ``aws``, or one that is refused."""
        return str(self.session.get_partition_for_region(self.region))

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the one client for ``service`` in ``region`` (default: the account's)."""
        return self._client(service, READ_TIMEOUT_SECONDS, RETRIES, region or self.region)

    @property
    def invoker(self) -> Any:
        """The Lambda client for ``Invoke`` alone: waits out the function, and never sends twice."""
        return self._client("lambda", INVOKE_TIMEOUT_SECONDS, NO_RETRIES, self.region)

    def _client(self, service: str, seconds: float, retries: _Retries, region: str) -> Any:
        key = (service, seconds, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self.session.client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint_url,
                    config=_config(self.endpoint_url, seconds, retries),
                )
            return self._clients[key]

    def _at_the_endpoint(self, request: Any, **_: object) -> None:
        """Send a request to the endpoint itself: botocore puts the account before its host.

        That no resolver knows where the host is a number.
        """
        netloc = urlsplit(str(self.endpoint_url)).netloc
        request.url = urlsplit(request.url)._replace(netloc=netloc).geturl()

    def _known_elsewhere(self) -> bool:
        """Say whether a region that is enabled everywhere accepts what this one does not."""
        if self.endpoint_url or self.region == _ALWAYS_ENABLED_REGION:
            return False
        try:
            self.client("sts", _ALWAYS_ENABLED_REGION).get_caller_identity()
        except ClientError:
            return False
        return True


def connect(
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    credentials: Credentials | None = None,
) -> Aws:
    """Return the account that a profile (or boto3's chain, or a key pair) and a region lead to.

    Nothing is called yet.

    Raises:
        CredentialsError: the profile does not exist, no region is known, or it is in a partition
            that imgpipe does not know.
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
    aws = Aws(session, endpoint_url=endpoint_url)
    with translated():
        _require_partition(aws)
    return aws


def _require_partition(aws: Aws) -> None:
    """Refuse what would fail half-way: GovCloud has no CloudFront, China's needs a licensed domain.

    https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/services.html,
    https://docs.amazonaws.cn/en_us/aws/latest/userguide/cloudfront.html
    """
    if aws.partition != PARTITION:
        raise CredentialsError(
            f"region {aws.region} is in the partition {aws.partition}, "
            "where imgpipe's CDN cannot be made",
            hint="choose a --region of the partition aws, such as eu-west-1",
        )


def _not_enabled(region: str) -> CredentialsError:
    """https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html."""
    return CredentialsError(
        f"region {region} does not know these credentials, and other regions do",
        hint=f"enable it: aws account enable-region --region-name {region} (a session token may "
        "have to be issued by a regional STS endpoint); or choose another --region",
    )


def _config(endpoint_url: str | None, read_timeout: float, retries: _Retries) -> Config:
    return Config(
        # An emulator listens on loopback, where no proxy of the user's environment could reach it.
        proxies={} if endpoint_url and is_loopback(endpoint_url) else None,
        retries=retries,
        read_timeout=read_timeout,
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        # A NAT gateway forgets a connection that is silent for 350 s, as a long invocation is.
        tcp_keepalive=True,
        max_pool_connections=32,
        user_agent_extra="imgpipe",
    )
