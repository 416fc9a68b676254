"""The pipeline as one value, and what the deploying commands do with it.

``declaration`` says what stands in the account; ``deployment`` brings it about and takes it away,
``status`` and ``inventory`` look at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe.pipeline.names import Names

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.settings import Settings


@dataclass(frozen=True)
class Pipeline:
    """What every command is handed: the settings, the names that follow from them, the account."""

    settings: Settings
    names: Names
    aws: Aws

    @classmethod
    def of(cls, settings: Settings, aws: Aws) -> Pipeline:
        """Return the pipeline of ``settings`` in the account ``aws``, whose id is asked for.

        Raises:
            SettingsError: both buckets would be one.
            ClientError: AWS does not know who is asking (``sts:GetCallerIdentity``).
        """
        return cls(settings, Names.of(settings, aws.account, aws.region), aws)
