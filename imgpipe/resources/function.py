"""The Lambda function. Whether its code is up to date is told by a tag, not by AWS's hash of the zip: see ``imgpipe.package``."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, error_code, existing, or_none
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource
from imgpipe.errors import ServiceError
from imgpipe.package import ENTRY_POINT, HandlerCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

# "<digest of what went in> <CodeSha256 of the zip that came out>": the digest counts while the function still runs that zip.
CODE_TAG: Final = "imgpipe:code"

_PLAIN: Final = ("Role", "Handler", "Runtime", "MemorySize", "Timeout")
# A small function is at rest within a second or two; waiting a whole one would often be half of it wasted.
_LOOK: Final = 0.1
_CONFIGURATION: Final = frozenset({*_PLAIN, "Environment", "LoggingConfig", "Layers"})
_CODE: Final = frozenset({"Code", "Architectures"})
# What Lambda says of a role, or a key it grants, that IAM has not yet told it of; it takes seconds, at worst minutes.
_PROPAGATING: Final = (
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "KMS key is invalid for CreateGrant",
)


@dataclass(frozen=True)
class Function(TaggedResource):
    """A Python function on ``layer``, or on the foreign ``layer_arn``, logging JSON into ``log_group``.

    ``memory`` is in MB, ``timeout`` in seconds, ``architecture`` is ``arm64`` or ``x86_64``. Read-only attributes: ``Arn``,
    ``CodeSha256``.
    """

    type: ClassVar[str] = "AWS::Lambda::Function"
    title: ClassVar[str] = "function"
    role: Resource
    log_group: Resource
    layer: Resource | None
    layer_arn: str
    code: HandlerCode
    runtime: str
    architecture: str
    memory: int
    timeout: int
    environment: tuple[tuple[str, str], ...]
    handler: str = ENTRY_POINT

    def properties(self, live: Live) -> Properties:
        """Return the configuration, and as ``Code`` the digest of what the zip is made of."""
        layers = [live.attribute(self.layer, "Arn")] if self.layer else []
        return {
            "Role": live.attribute(self.role, "Arn"),
            "Handler": self.handler,
            "Runtime": self.runtime,
            "MemorySize": self.memory,
            "Timeout": self.timeout,
            "Environment": {"Variables": dict(self.environment)},
            "LoggingConfig": _logging(self.log_group.name),
            "Layers": [*layers, *filter(None, [self.layer_arn])],
            "Architectures": [self.architecture],
            "Code": self.code.digest,
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the live configuration. ``Code`` is AWS's hash where the code is not what our tag was set with."""
        found = or_none(lambda: aws.client("lambda").get_function(FunctionName=self.name))
        if found is None:
            return None
        configuration, tags = found["Configuration"], found.get("Tags", {})
        return {
            **{name: configuration.get(name) for name in _PLAIN},
            "Environment": {"Variables": configuration.get("Environment", {}).get("Variables", {})},
            "LoggingConfig": configuration.get("LoggingConfig", {}),
            "Layers": [layer["Arn"] for layer in configuration.get("Layers", [])],
            "Architectures": configuration.get("Architectures", ["x86_64"]),
            "Code": _deployed(tags, configuration["CodeSha256"]),
            "Tags": tags,
            "Arn": configuration["FunctionArn"],
            "CodeSha256": configuration["CodeSha256"],
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, for as long as it takes Lambda to know the role (at most 5 minutes), and wait until it is active.

        Raises:
            PackageError: the code is larger than Lambda takes.
            ServiceError: Lambda could not bring it up.
        """
        code = self.code.build()
        parameters = {
            "FunctionName": self.name,
            "Code": {"ZipFile": code},
            "Architectures": desired["Architectures"],
            "Tags": {**desired["Tags"], **_stamp(desired, code)},
            **{name: desired[name] for name in _CONFIGURATION},
        }
        try:
            aws.retry(lambda: aws.client("lambda").create_function(**parameters), _propagating)
        except ClientError as error:
            if existing(
                error
            ):  # by a call whose answer got lost; whoever goes on with the function needs it at rest
                _settle(aws, self.name)
            raise
        _settle(aws, self.name)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Change configuration, then code (which the architecture goes with), then tags, waiting for each.

        Raises:
            PackageError: the code is larger than Lambda takes.
            ServiceError: Lambda could not bring it up.
        """
        if changed & _CONFIGURATION:
            parameters = {name: desired[name] for name in changed & _CONFIGURATION}
            aws.retry(
                lambda: aws.client("lambda").update_function_configuration(
                    FunctionName=self.name, **parameters
                ),
                _not_now,
            )
            _settle(aws, self.name)
        stamp = self._deploy(aws, desired) if changed & _CODE else {}
        if tags := {**(desired["Tags"] if "Tags" in changed else {}), **stamp}:
            aws.client("lambda").tag_resource(Resource=arn(aws, self.name), Tags=tags)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, with its permissions and its settings for failures."""
        with already_gone():
            aws.retry(
                lambda: aws.client("lambda").delete_function(FunctionName=self.name), _not_now
            )

    def _deploy(self, aws: Aws, desired: Properties) -> dict[str, str]:
        """Replace the code and return the tag for it, which is set last: a crash in between only deploys it again."""
        code, architectures = self.code.build(), desired["Architectures"]
        client = aws.client("lambda")
        aws.retry(
            lambda: client.update_function_code(
                FunctionName=self.name, ZipFile=code, Architectures=architectures
            ),
            _not_now,
        )
        _settle(aws, self.name)
        return _stamp(desired, code)


def _logging(log_group: str) -> dict[str, str]:
    """JSON lines, Lambda's own included (start, report): `imgpipe logs` decides which are shown."""
    return {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
        "LogGroup": log_group,
    }


def _stamp(desired: Properties, code: bytes) -> dict[str, str]:
    return {
        CODE_TAG: f"{desired['Code']} {base64.b64encode(hashlib.sha256(code).digest()).decode()}"
    }


def _deployed(tags: Mapping[str, str], code_sha256: str) -> str:
    digest, _, stamped = tags.get(CODE_TAG, "").partition(" ")
    return digest if stamped == code_sha256 else code_sha256


def arn(aws: Aws, name: str) -> str:
    """Return the ARN of the function ``name`` of this account and region, which its tags are set by."""
    return f"arn:{aws.partition}:lambda:{aws.region}:{aws.account}:function:{name}"


def _settle(aws: Aws, name: str) -> None:
    """Wait until the function can be invoked and changed: a new one is Pending, a changed one InProgress."""
    client = aws.client("lambda")
    found = aws.settle(
        lambda: client.get_function_configuration(FunctionName=name),
        _at_rest,
        what=f"function {name}",
        every=_LOOK,
    )
    if "Failed" in {found.get("State"), found.get("LastUpdateStatus")}:
        reason = (
            found.get("StateReason") or found.get("LastUpdateStatusReason") or "it does not say why"
        )
        raise ServiceError(
            f"Lambda could not bring up {name}: {reason}", hint="mend that, then run setup again"
        )


def _at_rest(configuration: Mapping[str, Any]) -> bool:
    return (
        configuration.get("State") != "Pending"
        and configuration.get("LastUpdateStatus") != "InProgress"
    )


def _propagating(error: ClientError) -> bool:
    return error_code(error) == "InvalidParameterValueException" and any(
        words in str(error) for words in _PROPAGATING
    )


def _not_now(error: ClientError) -> bool:
    return error_code(error) == "ResourceConflictException" or _propagating(error)
