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
    """What somebody is to do, and the policy that they need for it."""

    purposes: Sequence[Purpose]
    policy: Policy


@dataclass(frozen=True)
class DeployerPolicyRecord:
    """The least that who runs imgpipe needs of IAM."""

    purposes: Annotated[list[str], "what it is for: setup, upload, inspect, teardown"]
    characters: Annotated[int, "its size as IAM counts it: a managed policy may have 6,144"]
    policy: Annotated[dict[str, Any], "the document"]


def notes(policy: Policy) -> Iterator[str]:
    """Yield what is to be known of a policy that is too large for one managed policy."""
    if (characters := size(policy)) > MOST_CHARACTERS:
        yield (
            f"Note: {characters:,} characters, and a managed policy may have {MOST_CHARACTERS:,}: "
            "make one for each --for, or make it an inline policy of a role."
        )


def _record(deployer: Deployer) -> DeployerPolicyRecord:
    policy = deployer.policy
    return DeployerPolicyRecord([str(each) for each in deployer.purposes], size(policy), policy)


def _text(deployer: Deployer, _: Paper) -> Iterator[Text]:
    yield Text(json.dumps(deployer.policy, indent=2))


VIEW: Final = View(_record, _text)
