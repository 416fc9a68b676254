"""The Lambda function.

Whether its code is up to date is told by a tag, not by AWS's hash of the zip: see
``imgpipe.package``.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from botocore.exceptions import ClientError

from handler.schema import DISTRIBUTION_ID
from imgpipe.aws.errors import already_gone, existing, or_none
from imgpipe.aws.function_state import PLAIN, settle, snapshot, tag, tags_of
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource
from imgpipe.package import ENTRY_POINT, HandlerCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

# "<digest of what went in> <CodeSha256 of the zip that came out>": the digest counts while the
# function still runs that zip.
CODE_TAG: Final = "imgpipe:code"
# The unique id of the role that the function was made with.
ROLE_TAG: Final = "imgpipe:role"

_CONFIGURATION: Final = frozenset({*PLAIN, "Environment", "LoggingConfig", "Layers"})
_CODE: Final = frozenset({"Code", "Architectures"})


@dataclass(frozen=True)
class Function(TaggedResource):
    """A Python function on ``layer`` or ``layer_arn``, logging JSON to ``log_group``.

    Read-only attributes: ``Arn``, ``CodeSha256``.

    Attributes:
        memory: in MB.
        timeout: in seconds.
        architecture: ``arm64`` or ``x86_64``.
        distribution: the one whose id goes into the environment, as AWS chooses that.
    """

    type: ClassVar[str] = "AWS::Lambda::Function"
    title: str = field(default="function", kw_only=True)
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
    distribution: Resource | None = None

    def properties(self, live: Live) -> Properties:
        """Return the configuration, the digest of the code as ``Code``, and whose key it may use.

        That is ``RoleId``: Lambda encrypts the environment with a KMS key and grants that to the
        role's unique id, so a role made anew under the same ARN cannot start the function.
        https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
        """
        layers = [live.attribute(self.layer, "Arn")] if self.layer else []
        return {
            "Role": live.attribute(self.role, "Arn"),
            "RoleId": live.attribute(self.role, "RoleId"),
            "Handler": self.handler,
            "Runtime": self.runtime,
            "MemorySize": self.memory,
            "Timeout": self.timeout,
            "Environment": {"Variables": self._variables(live)},
            "LoggingConfig": _logging(self.log_group.name),
            "Layers": [*layers, *filter(None, [self.layer_arn])],
            "Architectures": [self.architecture],
            "Code": self.code.digest,
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the live state; ``Code`` is AWS's hash where our tag is of other code."""
        answer = or_none(lambda: aws.client("lambda").get_function(FunctionName=self.name))
        if answer is None:
            return None
        configuration, tags = answer["Configuration"], tags_of(answer)
        return {
            **snapshot(configuration),
            "RoleId": tags.get(ROLE_TAG, ""),
            "Code": _deployed(tags, configuration["CodeSha256"]),
            "Tags": tags,
            "Arn": configuration["FunctionArn"],
        }

    def configured(self, live: Live) -> Properties:
        """Return of ``properties`` what a version keeps, but for its code."""
        desired = self.properties(live)
        return {name: desired[name] for name in (*_CONFIGURATION, "Architectures")}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, once Lambda knows the role (at most 5 minutes), and wait until it is active.

        Raises:
            PackageError: the code is larger than Lambda takes.
            ServiceError: Lambda could not bring it up.
        """
        code = self.code.build()
        parameters = {
            "FunctionName": self.name,
            "Code": {"ZipFile": code},
            "Architectures": desired["Architectures"],
            "Tags": {**desired["Tags"], **_role_stamp(desired), **_code_stamp(desired, code)},
            **{name: desired[name] for name in _CONFIGURATION},
        }
        create = aws.client("lambda").create_function
        try:
            aws.eventually("lambda", lambda: create(**parameters))
        except ClientError as error:
            # By a call whose answer got lost: whoever goes on with the function needs it at rest.
            if existing(error):
                settle(aws, self.name)
            raise
        settle(aws, self.name)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Change configuration, code (which the architecture goes with) and tags, waiting for each.

        A function that was made with another role of this name is replaced: it could not start.

        Raises:
            PackageError: the code is larger than Lambda takes.
            ServiceError: Lambda could not bring it up.
        """
        if "RoleId" in changed and (self.read(aws) or {}).get("RoleId"):
            self._replace(aws, desired)
            return
        if configuration := {name: desired[name] for name in changed & _CONFIGURATION}:
            change = partial(aws.client("lambda").update_function_configuration, **configuration)
            aws.eventually("lambda", lambda: change(FunctionName=self.name))
            settle(aws, self.name)

        stamps = _role_stamp(desired) if "RoleId" in changed else {}
        if changed & _CODE:
            stamps |= self._deploy(aws, desired)
        if tags := {**(desired["Tags"] if "Tags" in changed else {}), **stamps}:
            tag(aws, self.name, tags)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, with its versions, aliases, permissions, tags and settings for failures."""
        with already_gone():
            delete = aws.client("lambda").delete_function
            aws.eventually("lambda", lambda: delete(FunctionName=self.name))

    def _variables(self, live: Live) -> dict[str, str]:
        if self.distribution is None:
            return dict(self.environment)
        return {**dict(self.environment), DISTRIBUTION_ID: live.attribute(self.distribution, "Id")}

    def _replace(self, aws: Aws, desired: Properties) -> None:
        self.delete(aws, {})
        aws.settle(
            lambda: self.read(aws),
            lambda live: live is None,
            what=f"deletion of function {self.name}",
            every=1,
        )
        self.create(aws, desired)

    def _deploy(self, aws: Aws, desired: Properties) -> dict[str, str]:
        """Replace the code; return the tag for it.

        The tag is set last: a crash in between only deploys the code again.
        """
        code = self.code.build()
        change = partial(
            aws.client("lambda").update_function_code,
            ZipFile=code,
            Architectures=desired["Architectures"],
        )
        aws.eventually("lambda", lambda: change(FunctionName=self.name))
        settle(aws, self.name)
        return _code_stamp(desired, code)


def _logging(log_group: str) -> dict[str, str]:
    """JSON lines: all of ours, and of Lambda's own those on what went wrong.

    A start and a report for each picture would cost more than our own line, and say less.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """
    return {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "WARN",
        "LogGroup": log_group,
    }


def _role_stamp(desired: Properties) -> dict[str, str]:
    return {ROLE_TAG: desired["RoleId"]}


def _code_stamp(desired: Properties, code: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(code).digest()).decode()
    return {CODE_TAG: f"{desired['Code']} {digest}"}


def _deployed(tags: Mapping[str, str], code_sha256: str) -> str:
    digest, _, stamped = tags.get(CODE_TAG, "").partition(" ")
    return digest if stamped == code_sha256 else code_sha256
