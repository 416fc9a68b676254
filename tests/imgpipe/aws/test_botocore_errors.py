"""Every exception of botocore and boto3 is told in our words, or named a bug; none is forgotten."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from boto3.exceptions import Boto3Error, S3UploadFailedError
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import BotoCoreError
from urllib3.exceptions import IncompleteRead, ProtocolError

from imgpipe.aws.account import Credentials, connect
from imgpipe.aws.botocore_errors import BUGS, TRANSLATIONS, translation_of
from imgpipe.aws.errors import translated, translation
from imgpipe.errors import CredentialsError, ExitCode, ImgpipeError, ServiceError

pytestmark = pytest.mark.slow

# Modules that define exceptions of their own, beside botocore.exceptions and boto3.exceptions.
for module in ("botocore.httpsession", "botocore.endpoint_provider", "boto3.s3.transfer"):
    importlib.import_module(module)


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    """Yield every class below ``kind``."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


EVERY = sorted(
    {
        each
        for base in (BotoCoreError, Boto3Error)
        for each in subclasses(base)
        if each.__module__.split(".")[0] in {"botocore", "boto3"}
    },
    key=lambda each: f"{each.__module__}.{each.__name__}",
)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_exception_is_translated_or_named_a_bug(kind: type[Exception]) -> None:
    """By a row of its own or of a class above it; the row for later releases does not count."""
    assert any(base in TRANSLATIONS or base in BUGS for base in kind.__mro__)


def test_the_walk_meets_what_is_there() -> None:
    """Far more than a hundred classes; an empty walk would prove nothing."""
    assert len(EVERY) > 100
    assert not BUGS & set(TRANSLATIONS)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (botocore.exceptions.LoginRefreshRequired(), "aws login"),
        (botocore.exceptions.LoginTokenLoadError(error_msg="x"), "aws login"),
        (botocore.exceptions.LoginInsufficientPermissions(), "signin:CreateOAuth2Token"),
        (botocore.exceptions.MissingDependencyException(msg="x"), "botocore[crt]"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
        (botocore.exceptions.InvalidRegionError(region_name="e u"), "--region"),
        (botocore.exceptions.UnknownRegionError(region_name="x", error_msg="y"), "--region"),
        (
            botocore.exceptions.InfiniteLoopConfigError(source_profile="a", visited_profiles=[]),
            "each other",
        ),
        (
            botocore.exceptions.InvalidRetryModeError(provided_retry_mode="x", valid_modes=""),
            "AWS_RETRY_MODE",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_is_configuration_says_where_and_exits_3(error: Exception, words: str) -> None:
    """Each with its own next step."""
    ours = translation(error)
    assert isinstance(ours, CredentialsError)
    assert ours.exit_code == ExitCode.CONFIGURATION
    assert words in ours.hint


@pytest.mark.parametrize(
    "error",
    [
        botocore.exceptions.ResponseStreamingError(error="x"),
        botocore.exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        S3UploadFailedError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_happens_on_the_way_is_a_failure_of_the_service(error: Exception) -> None:
    """Exit code 1, and worth another try."""
    ours = translation(error)
    assert isinstance(ours, ServiceError)
    assert "again" in ours.hint


def test_a_bug_is_no_error_of_the_users() -> None:
    """A wrong parameter, and anything that is not the SDK's."""
    assert translation(botocore.exceptions.ParamValidationError(report="x")) is None
    assert translation(KeyError("x")) is None


def test_an_exception_of_a_later_release_is_told_and_not_a_traceback() -> None:
    """Its class is in no row yet."""
    newer = type("NewerError", (BotoCoreError,), {})
    row = translation_of(newer)
    assert row is not None
    assert row.ours is ServiceError


PROFILES = {
    "a missing source profile": (
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gone\n",
        'source_profile "gone"',
        "~/.aws/config",
    ),
    "no INI file": ("[profile p\n", "Unable to parse config file", "INI"),
    "a byte order mark": ("\ufeff[profile p]\n", "Unable to parse config file", "byte order mark"),
    "half of a role": (
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/x\n",
        "missing: source_profile",
        "source_profile",
    ),
    "a login that is over": (
        "[profile p]\nlogin_session = arn:aws:iam::123456789012:user/x\n",
        "Unable to load a existing login session",
        "aws login",
    ),
    "an sso-session that is not there": (
        "[profile p]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = x\n",
        'sso-session does not exist: "gone"',
        "~/.aws/config",
    ),
    "a program that is not there": (
        "[profile p]\ncredential_process = /nonexistent/program\n",
        "/nonexistent/program",
        "credential_process",
    ),
    "two profiles that need each other": (
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = p\n",
        "Infinite loop",
        "each other",
    ),
}


@pytest.mark.parametrize("case", PROFILES)
def test_a_broken_profile_is_told_in_its_own_words(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong, where to mend it, exit code 3; from botocore's real credential chain."""
    config, message, hint = PROFILES[case]
    (tmp_path / "config").write_text(config, encoding="utf-8")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with pytest.raises(ImgpipeError) as caught, translated():
        _ = connect(profile="p", region="eu-west-1").account
    assert caught.value.exit_code == ExitCode.CONFIGURATION
    assert message in caught.value.message
    assert hint in caught.value.hint


def answered(service: str, status: int, body: bytes) -> Any:
    """A client of ours that has this answer to all that it asks."""
    keys = Credentials("a", "b")
    aws = connect(region="eu-west-1", endpoint_url="http://127.0.0.1:9", credentials=keys)
    client = aws.client(service)
    answer = AWSResponse("http://127.0.0.1:9", status, HeadersDict(), io.BytesIO(body))
    answer._content = body
    client.meta.events.register("before-send", lambda **_: answer)
    return client


NEVER = b"""<r><GetSessionTokenResult><Credentials><Expiration>never</Expiration></Credentials>
</GetSessionTokenResult></r>"""


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("dynamodb", "list_tables", b"<html>Sign in to this network</html>"),
        ("dynamodb", "list_tables", b'{"TableNames": ["a", "b'),
        ("dynamodb", "list_tables", b'{"TableNames": ["a"\x9e "b"]}'),
        ("dynamodb", "list_tables", b'{"TableNames": ["a" "b"]}'),
        ("lambda", "list_functions", b"<html>Sign in to this network</html>"),
        ("lambda", "list_functions", b'{"Functions": [{"FunctionName": "'),
        ("lambda", "list_functions", b'{"Functions": [{"FunctionName": "\xff"}]}'),
        ("cloudwatch", "describe_alarms", b'{"MetricAlarms": ['),
        ("iam", "list_roles", b"<ListRolesResponse><ListRolesRes"),
        ("iam", "list_roles", b"<ListRolesResponse>\xff</ListRolesResponse>"),
        ("cloudfront", "list_distributions", b"<DistributionList><Ite"),
        ("s3", "get_bucket_policy", b'{"Version": "2012\xcf10-17"}'),
        (
            "s3",
            "list_objects_v2",
            b"<ListBucketResult><KeyCount>1\x41</KeyCount></ListBucketResult>",
        ),
        ("sts", "get_session_token", NEVER),
        ("lambda", "list_functions", b'{"Functions": {"FunctionName": "f"}}'),
        ("sqs", "list_queues", b'{"QueueUrls": 7}'),
    ],
)
def test_an_answer_that_is_none_of_awss_is_told(service: str, operation: str, body: bytes) -> None:
    """A hotel's page, half an answer or a damaged one; not taken for an account with nothing."""
    client = answered(service, 200, body)
    given = {"Bucket": "b"} if service == "s3" else {}
    with pytest.raises(ServiceError, match=r"JSON|parse|read") as caught, translated():
        getattr(client, operation)(**given)
    assert "network" in caught.value.hint
    assert body.decode(errors="replace")[:40] not in caught.value.message


def test_an_answer_that_breaks_off_is_told_in_one_sentence() -> None:
    """urllib3 says it twice."""
    cause = IncompleteRead(1, 2)
    ours = translation(ProtocolError(f"Connection broken: {cause!r}", cause))
    assert ours is not None
    assert ours.message == "Connection broken: IncompleteRead(1 bytes read, 2 more expected)"


@pytest.mark.parametrize("body", [b"", b"\xff", b"<html>", b'{"message": "\xff"}', b"[]"])
@pytest.mark.parametrize(
    ("service", "operation", "given"),
    [("dynamodb", "list_tables", {}), ("lambda", "invoke", {"FunctionName": "f"})],
)
def test_a_refusal_goes_by_its_status(
    service: str, operation: str, given: dict[str, str], body: bytes
) -> None:
    """Whatever a proxy or a damaged line made of the rest."""
    with pytest.raises(ServiceError, match="403"), translated():
        getattr(answered(service, 403, body), operation)(**given)
