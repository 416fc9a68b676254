"""What a command says that lacks one action of the printed policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from handler.delivery_settings import DeliverySettings
from imgpipe.cli._commands import name_in
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.deployer_policy import COMMANDS
from imgpipe.pipeline.names import Names
from imgpipe.settings import Settings
from tests.support.limited import Policy, goes, limited_to, without
from tests.support.rewind import put_back
from tests.support.shell import Shell

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


def nowhere() -> Pipeline:
    """A pipeline whose policy is like any other's: that does not depend on the account."""
    place = cast("Aws", SimpleNamespace(account="0" * 12, region="us-east-1", partition="aws"))
    settings = Settings(delivery=DeliverySettings(enabled=True, signing=True))
    return Pipeline(settings, Names.of(settings, place.account, place.region), place)


@dataclass(frozen=True)
class Proof:
    """An account that can be put back, and who may do all that the policy says."""

    shell: Shell
    account: Aws
    whole: Policy
    lines: Sequence[str]
    beginning: Sequence[str]
    nothing: Path
    standing: Path

    def refusal(self, action: str) -> str:
        """Return what the first command says that fails without ``action``.

        Those of ``lines`` that ask for it run where all stands; then ``beginning``, where nothing
        does.
        """
        lines = [line for line in self.lines if asks(line, action)]
        return self._refused(self.standing, lines, action) or self._refused(
            self.nothing, self.beginning, action
        )

    def _refused(self, place: Path, lines: Sequence[str], action: str) -> str:
        put_back(self.shell.state, place)
        with limited_to(self.shell, self.account, without(self.whole, action)):
            return refused(self.shell, lines, action)


def asks(line: str, action: str) -> bool:
    """Whether the policy allows ``action`` for the command of ``line``."""
    words = [word for word in line.split() if word != "--config" and not word.endswith(".toml")]
    return action in {each.action for each in COMMANDS[name_in(words)].needs(nowhere())}


def refused(shell: Shell, lines: Sequence[str], action: str) -> str:
    """Return what the first of ``lines`` that fails says; it must name ``action``."""
    *_, (line, code, said) = [("", 0, ""), *goes(shell, lines)]
    assert not code or action in said, f"{line} does not name {action}: {said}"
    return said if code else ""
