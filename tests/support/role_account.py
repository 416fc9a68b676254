"""A pipeline whose functions start by hand alone, and what its two roles may and must not do."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3

from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings
from tests.support.local_account import policy

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.pipeline.names import Names

TELLER: Final = "tells-its-credentials"
_CODE: Final = (
    "import os\n"
    "def tell(event, context):\n"
    "    names = ('ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN')\n"
    "    return {'aws_' + name.lower(): os.environ['AWS_' + name] for name in names}\n"
)


Statement = dict[str, Any]


class BrokenError(Exception):
    """An invocation failed; the text is Lambda's."""


@dataclass(frozen=True)
class RoleAccount:
    """The account as its root sees it, the pipeline's ``names``, and its distribution's id."""

    aws: Aws
    names: Names
    distribution: str

    def invoke(self, function: str, event: Mapping[str, Any]) -> None:
        """Run a function; raise BrokenError with what it says where it fails."""
        answer = self.aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        if "FunctionError" in answer:
            raise BrokenError(answer["Payload"].read().decode())

    def session(self, role: str) -> boto3.Session:
        """Return a session with the credentials that Lambda gives a function of this role."""
        functions, name = self.aws.client("lambda"), f"{TELLER}-{uuid4().hex}"
        arn = self.aws.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        functions.create_function(
            FunctionName=name,
            Role=arn,
            Code={"ZipFile": _zipped()},
            Runtime="python3.12",
            Handler="teller.tell",
        )
        told = json.loads(functions.invoke(FunctionName=name)["Payload"].read())
        return boto3.Session(region_name=self.aws.region, **told)

    def policy(self, role: str) -> list[Statement]:
        """Return the statements of the role's one inline policy."""
        iam, name = self.aws.client("iam"), self._policy_name(role)
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        return list(document["Statement"])

    def write(self, role: str, statements: list[Statement]) -> None:
        """Let these be the role's statements."""
        self.aws.client("iam").put_role_policy(
            RoleName=role, PolicyName=self._policy_name(role), PolicyDocument=policy(*statements)
        )

    @contextmanager
    def changed(self, role: str, statements: list[Statement]) -> Iterator[None]:
        """Let the role have these statements, for as long as this lasts."""
        whole = self.policy(role)
        self.write(role, statements)
        try:
            yield
        finally:
            self.write(role, whole)

    def _policy_name(self, role: str) -> str:
        (name,) = self.aws.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
        return str(name)


def stand(aws: Aws) -> RoleAccount:
    """Set a pipeline up, and let nothing but ``invoke`` start its functions."""
    pipeline = Pipeline.of(Settings(local=True), aws)
    deployment.raise_for_failures(list(deployment.setup(pipeline)), "setup")
    names, functions = pipeline.names, aws.client("lambda")
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=names.source_bucket, NotificationConfiguration={}
    )
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    distributions = aws.client("cloudfront").list_distributions()["DistributionList"]
    account = RoleAccount(aws, names, distributions["Items"][0]["Id"])
    for role in (names.role, names.page_role):
        account.write(role, _named_so(account.policy(role)))
    return account


def _named_so(statements: list[Statement]) -> list[Statement]:
    """Return statements that mean the same to ministack, which leaves out a log group's ``:*``."""
    return [
        {**each, "Resource": [each["Resource"], each["Resource"].removesuffix(":*")]}
        for each in statements
    ]


def _zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("teller.py", _CODE)
    return content.getvalue()
