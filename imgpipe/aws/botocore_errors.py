"""Table of every botocore and boto3 exception: which error of ours it becomes, or that it is a bug.

``tests/imgpipe/aws/test_botocore_errors.py`` walks all classes that the installed botocore and
boto3 have, and fails for one that stands in neither list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import boto3.exceptions as b3
import botocore.exceptions as core
from botocore.discovery import EndpointDiscoveryException
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from imgpipe.errors import CredentialsError, ImgpipeError, ServiceError


@dataclass(frozen=True)
class Translation:
    """What an exception says to a user.

    Attributes:
        ours: the class that it becomes; it decides the exit code.
        hint: what to do about it, in words.
        next: imgpipe's own commands that go on from there.
    """

    ours: type[ImgpipeError]
    hint: str
    next: tuple[str, ...] = ()


_CONFIG: Final = "mend it in ~/.aws/config (or the file AWS_CONFIG_FILE names)"
_NETWORK: Final = "check the network and --endpoint-url, then run the command again"
_LOGIN: Final = "sign in again with 'aws login' (add --profile if you use one), then run this again"
_SSO: Final = "sign in again with 'aws sso login', then run the command again"
_REGION: Final = "check --region, AWS_REGION and 'region' in imgpipe.toml: they look like eu-west-1"
_AGAIN: Final = "run the command again; if it stays, add --debug"
_CREDENTIALS: Final = (
    "check what the profile gets its credentials from: a program, a role or the metadata service"
)


def _configuration(hint: str, *next_commands: str) -> Translation:
    return Translation(CredentialsError, hint, next_commands)


def _service(hint: str) -> Translation:
    return Translation(ServiceError, hint)


# Looked up along an exception's own classes, the most special first: a row answers for its
# subclasses.
TRANSLATIONS: Final[dict[type[Exception], Translation]] = {
    # Who is asking.
    core.NoCredentialsError: _configuration(
        "run 'aws configure', pass --profile, or try it without an account", "demo"
    ),
    core.PartialCredentialsError: _configuration(
        "a key without its secret, or a role without its source_profile: " + _CONFIG
    ),
    core.ProfileNotFound: _configuration(
        "'aws configure list-profiles' names the profiles there are"
    ),
    core.CredentialRetrievalError: _configuration(_CREDENTIALS),
    core.MetadataRetrievalError: _configuration(_CREDENTIALS),
    core.InvalidIMDSEndpointError: _configuration("check AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    core.InvalidIMDSEndpointModeError: _configuration(
        "check AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
    ),
    core.RefreshWithMFAUnsupportedError: _configuration(
        "these credentials came with an MFA code and are over: get new ones, then run this again"
    ),
    core.LoginError: _configuration(_LOGIN),
    core.LoginInsufficientPermissions: _configuration(
        "ask for the permission signin:CreateOAuth2Token, then sign in with 'aws login'"
    ),
    core.MissingDependencyException: _configuration(
        "install what is missing beside imgpipe: pip install 'botocore[crt]'"
    ),
    core.SSOError: _configuration(_SSO),
    core.TokenRetrievalError: _configuration(_SSO),
    core.NoAuthTokenError: _configuration(_SSO),
    # How botocore is configured.
    core.ConfigNotFound: _configuration("check AWS_CONFIG_FILE"),
    core.ConfigParseError: _configuration(
        "the file is no valid INI file: mend it or move it away; one that was saved as UTF-16, or"
        " with a byte order mark, is none either: save it as plain UTF-8"
    ),
    core.InvalidConfigError: _configuration(_CONFIG),
    core.InfiniteLoopConfigError: _configuration("two profiles name each other: " + _CONFIG),
    core.InvalidRetryConfigurationError: _configuration("check AWS_RETRY_MODE, or " + _CONFIG),
    core.InvalidDefaultsMode: _configuration("check AWS_DEFAULTS_MODE, or " + _CONFIG),
    core.InvalidChecksumConfigError: _configuration(_CONFIG),
    core.InvalidProxiesConfigError: _configuration(_CONFIG),
    core.InvalidS3AddressingStyleError: _configuration(_CONFIG),
    core.InvalidS3UsEast1RegionalEndpointConfigError: _configuration(_CONFIG),
    core.InvalidSTSRegionalEndpointsConfigError: _configuration(
        "check AWS_STS_REGIONAL_ENDPOINTS, or " + _CONFIG
    ),
    core.InvalidEndpointDiscoveryConfigurationError: _configuration(_CONFIG),
    core.InvalidEndpointConfigurationError: _configuration(_CONFIG),
    core.UnsupportedS3ConfigurationError: _configuration(_CONFIG),
    core.UnsupportedSignatureVersionError: _configuration(_CONFIG),
    core.UnknownSignatureVersionError: _configuration(_CONFIG),
    # Where to.
    core.NoRegionError: _configuration(
        "pass --region, or set AWS_REGION, or 'region' in imgpipe.toml"
    ),
    core.InvalidRegionError: _configuration(_REGION),
    core.UnknownRegionError: _configuration(_REGION),
    core.ServiceNotInRegionError: _configuration("choose another --region"),
    core.BaseEndpointResolverError: _configuration(_REGION),
    core.EndpointProviderError: _configuration("check --region and --endpoint-url, or " + _CONFIG),
    EndpointDiscoveryException: _service(_AGAIN),
    core.InvalidHostLabelError: _configuration(_REGION),
    # On the way.
    core.HTTPClientError: _service(_NETWORK),
    core.ConnectionError: _service(_NETWORK),
    core.IncompleteReadError: _service(_NETWORK),
    core.ChecksumError: _service("what arrived is not what was sent: " + _NETWORK),
    core.FlexibleChecksumError: _service("what arrived is not what was sent: " + _NETWORK),
    # Of an answer that is streamed, such as GetObject's, botocore reads a refusal's body unguarded.
    HTTPError: _service(_NETWORK),
    ResponseParserError: _service("something on the way answered or cut it off: " + _NETWORK),
    core.CapacityNotAvailableError: _service("AWS_RETRY_MODE is adaptive and gave up: " + _AGAIN),
    core.MD5UnavailableError: _configuration("run imgpipe with a Python that has MD5"),
    b3.RetriesExceededError: _service(_NETWORK),
    b3.S3TransferFailedError: _service(_AGAIN),
    b3.S3UploadFailedError: _service(_AGAIN),
}

# What only a mistake in imgpipe, or a broken installation of botocore, can cause: these keep their
# traceback.
BUGS: Final = frozenset(
    {
        core.ApiVersionNotFoundError,
        core.AwsChunkedWrapperError,
        core.DataNotFoundError,
        core.InvalidDNSNameError,
        core.InvalidExpressionError,
        core.MissingParametersError,
        core.OperationNotPageableError,
        core.PaginationError,
        core.ParamValidationError,
        core.StubResponseError,
        core.UnknownClientMethodError,
        core.UnknownCredentialError,
        core.UnknownEndpointResolutionBuiltInName,
        core.UnknownServiceStyle,
        core.UnknownTokenProviderError,
        core.UnseekableStreamError,
        core.UnsupportedOutpostResourceError,
        core.UnsupportedS3AccesspointConfigurationError,
        core.UnsupportedS3ArnError,
        core.UnsupportedS3ControlArnError,
        core.UnsupportedS3ControlConfigurationError,
        core.UnsupportedServiceProtocolsError,
        core.ValidationError,
        core.WaiterConfigError,
        core.WaiterError,
        b3.DynamoDBNeedsConditionError,
        b3.DynamoDBNeedsKeyConditionError,
        b3.DynamoDBOperationNotSupportedError,
        b3.InvalidCrtTransferConfigError,
        b3.NoVersionFound,
        b3.ResourceLoadException,
    }
)

# An exception that a later botocore brings: better a sentence than a traceback nobody can read.
_NEWER: Final = _service(_AGAIN)


def translation_of(kind: type[Exception]) -> Translation | None:
    """Return what exceptions of class ``kind`` say; ``None`` for bugs and foreign ones."""
    for base in kind.__mro__:
        if base in BUGS:
            return None
        if base in TRANSLATIONS:
            return TRANSLATIONS[base]
    return _NEWER if issubclass(kind, core.BotoCoreError | b3.Boto3Error) else None


def words_of(error: Exception) -> str:
    """Return what an error says, without the whole answer that a parser puts below it."""
    if isinstance(error, HTTPError) and error.args:
        # urllib3 gives its sentence with its cause.
        return str(error.args[0])
    text = str(error).strip()
    return (text.partition("\n")[0] if isinstance(error, ResponseParserError) else text).rstrip(
        ":."
    )
