"""The published version: the function's code and configuration as they were tested, for good.

``$LATEST`` changes while a setup works on it; a version never does. So what is served is always a
version (see ``imgpipe.resources.alias``), and the last one can be brought back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe import __version__
from imgpipe.aws.function_state import settle, snapshot, versions
from imgpipe.engine.resource import InseparablePart, Live, Properties, Unknown
from imgpipe.resources.function import Function

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# What a version of ours is described with; one that somebody published by hand is not deleted.
MARK: Final = "Made by imgpipe "


@dataclass(frozen=True)
class Version(InseparablePart):
    """The newest version of ``function``. Read-only attribute: ``Version``, its number."""

    type: ClassVar[str] = "AWS::Lambda::Version"
    title: ClassVar[str] = "function version"
    immutable: ClassVar[bool] = True
    function: Function

    @property
    def owner(self) -> Function:
        """The function, with which all its versions go."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return what the function is, or is about to become: a version of it has to be the same.

        Lambda publishes nothing while that has not changed since the last version, so what is
        compared is the thing itself and no mark of ours:
        https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
        """
        return {**self.function.configured(live), "CodeSha256": self._code(live)}

    def read(self, aws: Aws) -> Properties | None:
        """Return the newest version, whoever published it."""
        published = versions(aws, self.function.name)
        if not published:
            return None
        return {**snapshot(published[-1]), "Version": published[-1]["Version"]}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Publish, and wait until the version can be invoked and lists show it, or a newer one.

        The hash sees to it that nothing is published that somebody deployed meanwhile.
        """
        publish = partial(
            aws.client("lambda").publish_version,
            FunctionName=self.function.name,
            Description=f"{MARK}{__version__}",
            CodeSha256=desired["CodeSha256"],
        )
        number = aws.eventually("lambda", publish)["Version"]
        settle(aws, f"{self.function.name}:{number}")
        aws.settle(
            lambda: self.read(aws),
            lambda live: live is not None and int(live["Version"]) >= int(number),
            what=f"version {number} of {self.function.name}",
            every=1,
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Publish another one; the alias keeps serving what it serves."""
        self.create(aws, desired)

    def _code(self, live: Live) -> str:
        """Return the hash of the function's zip, which is known once the zip is there."""
        there = live.get(self.function, {})
        if there.get("Code") != self.function.code.digest:
            return Unknown(f"({self.type} CodeSha256 is known after setup)")
        return str(there["CodeSha256"])
