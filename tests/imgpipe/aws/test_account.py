"""The account: what botocore raises becomes ours with a next step, and every wait is bounded."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.exceptions import ClientError

from imgpipe.aws.account import Aws, connect
from imgpipe.aws.errors import absent, denied, error_code, translated
from imgpipe.errors import CredentialsError, ExitCode, ImgpipeError, NotSettledError, ServiceError


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps = 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.naps += 1


@pytest.fixture
def clock() -> Clock:
    """A clock at zero."""
    return Clock()


@pytest.fixture
def aws(clock: Clock) -> Aws:
    """An account that is not called."""
    return Aws(boto3.Session("a", "b", region_name="eu-west-1"), sleep=clock.sleep, clock=clock)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with no credentials, profiles, region, or instance metadata."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def failure(code: str, message: str = "m", operation: str = "DoIt") -> ClientError:
    """What AWS answers."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def ours(error: Exception) -> ImgpipeError:
    """The error as a user sees it."""
    with pytest.raises(ImgpipeError) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_expired_credentials_say_so(code: str) -> None:
    """Whichever way the service spells it."""
    error = ours(failure(code))
    assert "expired" in error.message
    assert (type(error), error.exit_code, error.aws_code) == (
        CredentialsError,
        ExitCode.CONFIGURATION,
        code,
    )


@pytest.mark.parametrize(
    "code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"]
)
def test_wrong_credentials_say_so(code: str) -> None:
    """They are a matter of configuration."""
    assert ours(failure(code)).exit_code == ExitCode.CONFIGURATION


def test_a_denial_names_the_operation_and_keeps_awss_message() -> None:
    """AWS's message names the action and the resource."""
    error = ours(
        failure(
            "AccessDeniedException",
            "User x is not authorized to perform: lambda:CreateFunction",
            "CreateFunction",
        )
    )
    assert "CreateFunction was denied: User x is not authorized" in error.message


@pytest.mark.parametrize(
    ("operation", "action"), [("HeadObject", "s3:GetObject"), ("HeadBucket", "s3:ListBucket")]
)
def test_a_denial_without_a_body_names_the_action_as_well(operation: str, action: str) -> None:
    """S3 answers HEAD with the bare status, of which nobody could tell what to ask for."""
    bare = failure("403", "Forbidden", operation)
    assert denied(bare)
    assert f"{operation} was denied: S3 does not say why; most often {action}" in ours(bare).message


def test_any_other_refusal_keeps_its_code() -> None:
    """For people who search for it."""
    error = ours(failure("LimitExceeded", "too many"))
    assert (type(error), error.aws_code, error.message) == (
        ServiceError,
        "LimitExceeded",
        "DoIt failed: too many",
    )


@pytest.mark.usefixtures("nobody")
def test_no_credentials_points_to_aws_configure_and_to_the_demo() -> None:
    """Who only wants to look needs no account."""
    aws = connect(region="eu-west-1")
    with pytest.raises(CredentialsError) as caught, translated():
        _ = aws.account
    assert "aws configure" in caught.value.hint
    assert caught.value.next == ("demo",)


@pytest.mark.usefixtures("nobody")
def test_no_region_and_an_unknown_profile_are_told_before_anything_is_called() -> None:
    """Both are configuration."""
    with pytest.raises(CredentialsError, match="no AWS region"):
        connect()
    with pytest.raises(CredentialsError, match="nobody"):
        connect(profile="nobody", region="eu-west-1")


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    session = boto3.Session("a", "b", region_name="eu-west-1")
    with pytest.raises(ServiceError, match=str(port)), translated():
        session.client(
            "sts",
            endpoint_url=f"http://127.0.0.1:{port}",
            config=boto3.session.Config(retries={"total_max_attempts": 1}),
        ).get_caller_identity()


def test_a_bug_passes_through_untouched() -> None:
    """A wrong parameter is our mistake, not the user's."""
    with pytest.raises(botocore.exceptions.ParamValidationError), translated():
        boto3.client("s3", region_name="eu-west-1").get_object(Bucket="b", Key=3)


def test_no_secret_is_printed_with_an_account() -> None:
    """Credentials given by hand do not show in a repr."""
    from imgpipe.aws.account import Credentials

    assert "hush" not in repr(Credentials("key", "hush"))


@pytest.mark.parametrize(
    ("code", "gone"),
    [
        ("404", True),
        ("NoSuchKey", True),
        ("ResourceNotFoundException", True),
        ("403", False),
        ("Throttling", False),
    ],
)
def test_absence_is_told_from_refusal(code: str, gone: bool) -> None:
    """A 403 never means that there is nothing."""
    assert absent(failure(code)) is gone


def test_settle_looks_before_it_sleeps(aws: Aws, clock: Clock) -> None:
    """What is ready at once costs no time."""
    assert aws.settle(lambda: 7, lambda value: value == 7, what="seven") == 7
    assert clock.naps == 0


def test_settle_gives_up_in_time_and_says_how_to_go_on(aws: Aws, clock: Clock) -> None:
    """Bounded by the clock, not by luck."""
    with pytest.raises(NotSettledError, match="the thing did not settle within 10 s"):
        aws.settle(lambda: None, bool, what="the thing", seconds=10, every=2)
    assert clock.now == 10


def test_retry_passes_over_what_passes_and_raises_the_rest(aws: Aws, clock: Clock) -> None:
    """A transient error is outlived, another raised at once, one that stays raised in the end."""
    answers = [failure("Later"), failure("Later")]

    def call() -> str:
        if answers:
            raise answers.pop()
        return "done"

    def later(error: ClientError) -> bool:
        return error_code(error) == "Later"

    assert aws.retry(call, later) == "done"
    assert clock.naps == 2
    answers[:] = [failure("Never")]
    with pytest.raises(ClientError, match="Never"):
        aws.retry(call, later)
    answers[:] = [failure("Later")] * 1000
    with pytest.raises(ClientError, match="Later"):
        aws.retry(call, later, seconds=20)


def test_ctrl_c_ends_every_wait(aws: Aws) -> None:
    """Whoever is asleep wakes up to the interruption."""
    aws.interrupted.set()
    with pytest.raises(KeyboardInterrupt):
        aws.settle(lambda: None, bool, what="for ever")


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_another_partition_is_refused_before_anything_is_made(region: str) -> None:
    """GovCloud has no CloudFront, and China's needs a domain with a licence."""
    with pytest.raises(CredentialsError, match=f"{region} is in the partition aws-"):
        connect(region=region)


def test_a_region_nobody_knows_is_configuration() -> None:
    """A typing mistake, told before anything is called."""
    with pytest.raises(CredentialsError) as caught:
        connect(region="eu west 1")
    assert "--region" in caught.value.hint


class Regions:
    """STS in two regions: each accepts the credentials, or does not know them."""

    def __init__(self, knowing: set[str]) -> None:
        self.knowing = knowing
        self.asked: list[str] = []

    def answer(self, context: dict[str, Any], **_: object) -> tuple[SimpleNamespace, Any]:
        """Receive ``before-call``."""
        region = context["client_region"]
        self.asked.append(region)
        if region in self.knowing:
            return SimpleNamespace(status_code=200), {"Account": "123456789012"}
        error = {"Code": "InvalidClientTokenId", "Message": "The security token is invalid."}
        return SimpleNamespace(status_code=403), {"Error": error, "ResponseMetadata": {}}


@pytest.mark.parametrize(
    ("region", "knowing", "message", "asked"),
    [
        (
            "ap-east-1",
            {"us-east-1"},
            "region ap-east-1 does not know these credentials, and other regions do",
            ["ap-east-1", "us-east-1"],
        ),
        ("ap-east-1", set(), "AWS does not accept these credentials", ["ap-east-1", "us-east-1"]),
        ("us-east-1", set(), "AWS does not accept these credentials", ["us-east-1"]),
    ],
)
def test_a_region_that_is_not_enabled_is_told_from_wrong_credentials(
    region: str, knowing: set[str], message: str, asked: list[str]
) -> None:
    """Both answer InvalidClientTokenId; a region that every account has makes the difference."""
    session = boto3.Session("a", "b", region_name=region)
    regions = Regions(knowing)
    session.events.register("before-call", regions.answer)
    with pytest.raises(CredentialsError, match=message), translated():
        _ = Aws(session).account
    assert regions.asked == asked


def test_only_an_invocation_waits_a_quarter_of_an_hour_and_it_is_never_sent_twice(
    aws: Aws,
) -> None:
    """A connection that died silently hangs no other call for longer than a minute."""
    usual, invoker = aws.client("lambda").meta.config, aws.invoker.meta.config
    assert (usual.read_timeout, usual.retries["total_max_attempts"]) == (60, 5)
    assert (invoker.read_timeout, invoker.retries["total_max_attempts"]) == (905, 1)
    assert usual.tcp_keepalive
    assert invoker.tcp_keepalive


def test_an_invocation_whose_answer_is_lost_is_not_sent_again() -> None:
    """A server that hangs up without a word: the function may have run."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(self.path)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    session = boto3.Session("a", "b", region_name="eu-west-1")
    aws = Aws(session, endpoint_url=f"http://127.0.0.1:{server.server_port}")
    with pytest.raises(ServiceError, match="closed"), translated():
        aws.invoker.invoke(FunctionName="f", Payload=b"{}")
    server.shutdown()
    server.server_close()
    assert len(requests) == 1


def test_an_account_not_verified_for_cloudfront_is_no_missing_permission() -> None:
    """AWS's own check of new accounts has the code of a denial."""
    message = (
        "Your account must be verified before you can add new CloudFront resources. "
        "To verify your account, please contact AWS Support"
    )
    error = ours(failure("AccessDenied", message, "CreateDistributionWithTags"))
    assert "not verified this account for CloudFront" in error.message
    assert "support case" in error.hint
    assert error.next == ("setup",)


def test_a_function_whose_role_was_made_anew_says_what_brings_it_back() -> None:
    """AWS's key still belongs to the old role's unique id."""
    message = "Lambda was unable to decrypt the environment variables because KMS access was denied"
    error = ours(failure("KMSAccessDeniedException", message, "Invoke"))
    assert "the function cannot start" in error.message
    assert error.next == ("setup",)


def test_pauses_shorter_than_two_seconds_grow_up_to_that(aws: Aws, clock: Clock) -> None:
    """What settles at once is seen at once, and what takes long is not asked ten times a second."""
    with pytest.raises(NotSettledError):
        aws.settle(lambda: None, bool, what="the thing", seconds=60, every=0.2)
    assert 30 < clock.naps < 40
