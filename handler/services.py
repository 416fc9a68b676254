"""The two AWS clients of the function, made once per execution environment.

They are made as fast as botocore allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

# package.py puts the service descriptions of the operations in use here. Without them botocore
# lists every service it knows, about 400 folders, before it makes its first client: half of a cold
# start.
_DATA: Final = Path(__file__).parent.parent / "aws"
# Lambda retries the whole invocation too, so a throttled call need not be waited for very long.
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=30
)


@dataclass(frozen=True)
class Services:
    """botocore's clients for S3 and DynamoDB; thread-safe."""

    s3: Any
    dynamodb: Any


def connect() -> Services:
    """Return clients on one session, with credentials and region from the environment."""
    session = botocore.session.get_session()
    if _DATA.is_dir():
        session.register_component(
            "data_loader", Loader([str(_DATA)], include_default_search_paths=False)
        )
    return Services(
        session.create_client("s3", config=_CONFIG),
        session.create_client("dynamodb", config=_CONFIG),
    )
