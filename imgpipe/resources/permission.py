"""S3's permission to invoke the function by its alias: for one bucket, of one account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, existing, or_none
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws


_REMOVAL_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Permission(InseparablePart):
    """The statement ``name`` in the policy of ``alias``.

    Every alias has a policy of its own, and the function without a qualifier another:
    https://docs.aws.amazon.com/lambda/latest/dg/using-aliases.html. A bucket's name can be taken by
    another account once it is deleted, so the ARN alone would not do:
    https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html.
    """

    type: ClassVar[str] = "AWS::Lambda::Permission"
    title: ClassVar[str] = "trigger permission"
    alias: Resource
    bucket: Resource

    @property
    def owner(self) -> Resource:
        """The function, with which the alias and its policy go."""
        return self.alias.owner

    def properties(self, live: Live) -> Properties:
        """Return who may invoke: S3, for this bucket of the function's own account."""
        return {
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
            "SourceArn": live.attribute(self.bucket, "Arn"),
            "SourceAccount": _account(live.attribute(self.alias, "AliasArn")),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return our statement of the alias's policy."""
        policy = or_none(lambda: self._call(aws, "get_policy")["Policy"])
        statements = json.loads(policy)["Statement"] if policy else []
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
        add = partial(self._call, aws, "add_permission", StatementId=self.name, **desired)
        aws.eventually("lambda", add)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Replace the statement: Lambda has no call to change one.

        S3 tries again what it may not send in between. Lambda may know the old statement for a
        while after its removal, and would refuse the new one.
        """
        remove = partial(self._call, aws, "remove_permission", StatementId=self.name)
        with already_gone():
            aws.eventually("lambda", remove)
        aws.settle(
            lambda: self.read(aws),
            lambda live: live is None,
            what=f"removal of permission {self.name}",
            every=1,
        )
        aws.retry(lambda: self._add_again(aws, desired), existing, seconds=_REMOVAL_SECONDS)

    def _call(self, aws: Aws, operation: str, **parameters: str) -> Any:
        call = getattr(aws.client("lambda"), operation)
        return call(FunctionName=self.owner.name, Qualifier=self.alias.name, **parameters)

    def _add_again(self, aws: Aws, desired: Properties) -> None:
        try:
            self.create(aws, desired)
        except ClientError as error:
            # The old statement still, or the new one by a call whose answer got lost.
            if not existing(error) or self.read(aws) != desired:
                raise


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
