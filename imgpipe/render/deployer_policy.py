"""What ``deployer-policy`` shows: a document for IAM, ready to be piped into a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from rich.text import Text

from imgpipe.aws.actions import MOST_CHARACTERS, size
from imgpipe.aws.policies import Policy
from imgpipe.pipeline.deployer_policy import Purpose
from imgpipe.render._paper import Paper
from imgpipe.render._screen import View


@dataclass(frozen=True)
class Deployer:
    """What somebody is to do, the policy that they need for it, and the ``parts`` of the whole."""

    purposes: Sequence[Purpose]
    policy: Policy
    parts: Sequence[Policy]


@dataclass(frozen=True)
class DeployerPolicyRecord:
    """The least that who runs imgpipe needs of IAM."""

    purposes: Annotated[list[str], "what it is for: setup, upload, inspect, teardown"]
    characters: Annotated[int, "its size as IAM counts it: a managed policy may have 6,144"]
    parts: Annotated[int, "into how many managed policies it goes: --part prints each"]
    policy: Annotated[dict[str, Any], "the document"]


def notes(deployer: Deployer) -> Iterator[str]:
    """Yield what is to be known of a policy that is too large for one managed policy."""
    if (characters := size(deployer.policy)) > MOST_CHARACTERS:
        numbers = [f"--part {number}" for number, _ in enumerate(deployer.parts, start=1)]
        yield (
            f"Note: {characters:,} characters, and a managed policy may have {MOST_CHARACTERS:,}: "
            f"print it as {len(numbers)}, with {' and '.join(numbers)}."
        )


def _record(deployer: Deployer) -> DeployerPolicyRecord:
    purposes, policy = [str(each) for each in deployer.purposes], deployer.policy
    return DeployerPolicyRecord(purposes, size(policy), len(deployer.parts), policy)


def _text(deployer: Deployer, _: Paper) -> Iterator[Text]:
    yield Text(json.dumps(deployer.policy, indent=2))


VIEW: Final = View(_record, _text)
