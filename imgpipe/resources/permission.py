"""Who may invoke a function: S3 for one bucket by the alias, CloudFront for one distribution."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, existing, or_none
from imgpipe.aws.policy_text import document
from imgpipe.engine.resource import InseparablePart, Live, OwnedPart, Properties, Resource, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws


_REMOVAL_SECONDS: Final = 60.0


@dataclass(frozen=True)
class _Statement(OwnedPart):
    """The statement ``name`` in a function's policy, or in its alias's.

    Every alias has a policy of its own, and the function without a qualifier another:
    https://docs.aws.amazon.com/lambda/latest/dg/using-aliases.html.
    """

    type: ClassVar[str] = "AWS::Lambda::Permission"

    @property
    def qualifier(self) -> dict[str, str]:
        """Whose policy it is."""
        return {}

    def read(self, aws: Aws) -> Properties | None:
        """Return our statement of the alias's policy."""
        policy = or_none(lambda: self._call(aws, "get_policy")["Policy"])
        statements = document(policy)["Statement"] if policy else []
        return next(
            (
                _normalised(statement)
                for statement in statements
                if statement.get("Sid") == self.name
            ),
            None,
        )

    def create(self, aws: Aws, desired: Properties) -> None:
        """Add the statement."""
        given = {name: value for name, value in desired.items() if value != ""}
        add = partial(self._call, aws, "add_permission", StatementId=self.name, **given)
        aws.eventually("lambda", add)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Replace the statement: Lambda has no call to change one.

        S3 tries again what it may not send in between. Lambda may know the old statement for a
        while after its removal, and would refuse the new one.
        """
        self._remove(aws)
        aws.settle(
            lambda: self.read(aws),
            lambda live: live is None,
            what=f"removal of permission {self.name}",
            every=1,
        )
        aws.retry(lambda: self._add_again(aws, desired), existing, seconds=_REMOVAL_SECONDS)

    def _remove(self, aws: Aws) -> None:
        remove = partial(self._call, aws, "remove_permission", StatementId=self.name)
        with already_gone():
            aws.eventually("lambda", remove)

    def _call(self, aws: Aws, operation: str, **parameters: Any) -> Any:
        call = getattr(aws.client("lambda"), operation)
        return call(FunctionName=self.owner.name, **self.qualifier, **parameters)

    def _add_again(self, aws: Aws, desired: Properties) -> None:
        try:
            self.create(aws, desired)
        except ClientError as error:
            # The old statement still, or the new one by a call whose answer got lost.
            if not existing(error) or self.read(aws) != desired:
                raise


@dataclass(frozen=True)
class Permission(InseparablePart, _Statement):
    """S3's, by ``alias``, for one ``bucket``.

    A bucket's name can be taken by another account once it is deleted, so the ARN alone would not
    do: https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html.
    """

    title: ClassVar[str] = "trigger permission"
    alias: Resource
    bucket: Resource

    @property
    def owner(self) -> Resource:
        """The function, with which the alias and its policy go."""
        return self.alias.owner

    @property
    def qualifier(self) -> dict[str, str]:
        """The alias's policy."""
        return {"Qualifier": self.alias.name}

    def properties(self, live: Live) -> Properties:
        """Return who may invoke: S3, for this bucket of the function's own account."""
        return {
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
            "SourceArn": live.attribute(self.bucket, "Arn"),
            "SourceAccount": _account(live.attribute(self.alias, "AliasArn")),
        }


@dataclass(frozen=True)
class EdgePermission(_Statement):
    """CloudFront's ``action`` on ``function``, for one ``distribution``.

    A function's URL asks for two, ``InvokeFunctionUrl`` and ``InvokeFunction``:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html.
    """

    title: str = field(default="delivery permission", kw_only=True)
    function: Resource
    distribution: Resource
    action: str

    @property
    def owner(self) -> Resource:
        """The function, with which its policy goes."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return who may invoke: CloudFront, for this distribution."""
        return {
            "Action": f"lambda:{self.action}",
            "Principal": "cloudfront.amazonaws.com",
            "SourceArn": live.attribute(self.distribution, "Arn"),
            "SourceAccount": "",
        }

    def delete(self, aws: Aws, live: Properties) -> None:
        """Remove the statement: the distribution that it lets in goes before the function."""
        self._remove(aws)


def _account(arn: str) -> str:
    return arn if isinstance(arn, Unknown) else arn.split(":")[4]


def _normalised(statement: Mapping[str, Any]) -> Properties:
    conditions = {
        name.lower(): value
        for test in statement.get("Condition", {}).values()
        for name, value in test.items()
    }
    return {
        "Action": statement["Action"],
        "Principal": statement["Principal"].get("Service", ""),
        "SourceArn": conditions.get("aws:sourcearn", ""),
        "SourceAccount": conditions.get("aws:sourceaccount", ""),
    }
