"""The alias: which version of the function is served to the trigger, and to everybody else.

It is pointed at a version only once that version passed the self-test. ``imgpipe rollback`` points
it back at the one before, which therefore is kept, and says so in the alias's description.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, error_text, existing, or_none
from imgpipe.aws.function_state import versions
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource
from imgpipe.resources.version import MARK

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

NEWEST: Final = "What imgpipe's trigger starts: the newest version that passed the self-test"
_ROLLED_BACK: Final = "Rolled back by imgpipe from version "


@dataclass(frozen=True)
class Alias(InseparablePart):
    """The alias ``name`` of a function. Read-only attribute: ``AliasArn``.

    ``self_test`` only has to be there first: nothing is served that is not proven.
    """

    type: ClassVar[str] = "AWS::Lambda::Alias"
    title: ClassVar[str] = "function alias"
    version: Resource
    self_test: Resource

    @property
    def owner(self) -> Resource:
        """The function, with which it goes."""
        return self.version.owner

    def properties(self, live: Live) -> Properties:
        """Return the newest version, for all of the traffic."""
        return {
            "FunctionVersion": live.attribute(self.version, "Version"),
            "RoutingConfig": {},
            "Description": NEWEST,
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return where it points."""
        return served(aws, self.owner.name, self.name)

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it."""
        create = partial(aws.client("lambda").create_alias, FunctionName=self.owner.name)
        aws.eventually("lambda", lambda: create(Name=self.name, **desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Point it at another version; then delete all but that one and the one before."""
        before = self.read(aws) or {}
        point(aws, self.owner.name, self.name, desired)
        if "FunctionVersion" in changed:
            kept = {desired["FunctionVersion"], before.get("FunctionVersion")}
            _delete_others(aws, self.owner.name, kept)


def served(aws: Aws, function: str, alias: str) -> Properties | None:
    """Return where ``alias`` points, and its ARN; ``None`` where there is none."""
    get = aws.client("lambda").get_alias
    answer = or_none(lambda: get(FunctionName=function, Name=alias))
    if answer is None:
        return None
    weights = answer.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    return {
        "FunctionVersion": answer["FunctionVersion"],
        "RoutingConfig": {"AdditionalVersionWeights": weights} if weights else {},
        "Description": answer.get("Description", ""),
        "AliasArn": answer["AliasArn"],
    }


def point(aws: Aws, function: str, alias: str, desired: Properties) -> None:
    """Make ``alias`` what ``desired`` says."""
    update = partial(aws.client("lambda").update_alias, FunctionName=function, Name=alias)
    aws.eventually("lambda", lambda: update(**desired))


def rolled_back(newest: str, version: str) -> Properties:
    """Return the properties of an alias that went back to ``version`` from ``newest``."""
    return {
        "FunctionVersion": version,
        "RoutingConfig": {},
        "Description": f"{_ROLLED_BACK}{newest}",
    }


def is_rolled_back(live: Properties) -> bool:
    """Say whether what the alias serves was brought back by a rollback."""
    return str(live["Description"]).startswith(_ROLLED_BACK)


def _delete_others(aws: Aws, function: str, kept: Collection[str | None]) -> None:
    """Delete the versions of ours but ``kept``, and but what an alias of somebody's points at."""
    delete = partial(aws.client("lambda").delete_function, FunctionName=function)
    for version in versions(aws, function):
        if version["Version"] not in kept and version.get("Description", "").startswith(MARK):
            _delete(aws, partial(delete, Qualifier=version["Version"]))


def _delete(aws: Aws, delete: partial[Any]) -> None:
    try:
        with already_gone():
            aws.eventually("lambda", delete)
    except ClientError as error:
        if not (existing(error) and "aliases reference" in error_text(error)):
            raise
