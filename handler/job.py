"""What a picture's processing is handed, and what it reads.

Named tuples, as elsewhere in the function: every cold start makes the classes, and a dataclass
takes seven times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handler.image import Budget
    from handler.recipe import Recipe
    from handler.services import Services


class Destination(NamedTuple):
    """Where results go and how they are made.

    Attributes:
        source_bucket: the name of the one bucket that is read.
        bucket: the name of the one that results are put into.
        table: the name of the table of rows.
        recipe: what is made of a picture.
        assets: the folder of the user's own files.
        follows: whether results may be deleted; without it the role lacks the right.
        fingerprint: what rows say of recipe and code.
    """

    source_bucket: str
    bucket: str
    table: str
    recipe: Recipe
    assets: Path
    follows: bool = True
    fingerprint: str = ""


class Job(NamedTuple):
    """One source object by its ``key``, and everything it takes to process it.

    ``budget`` is asked for what is left, anew for each attempt: it ages.
    """

    key: str
    services: Services
    destination: Destination
    request_id: str
    budget: Callable[[], Budget]


class SourceObject(NamedTuple):
    """The current version of a source object; ``body`` is empty where it is too large to be read.

    ``size`` is in bytes, ``modified`` S3's LastModified in ISO 8601, ``metadata`` its user metadata
    by lower-case name, ``cache_control`` its own header, empty where it has none.
    """

    body: bytes
    size: int
    etag: str
    modified: str
    upload_id: str
    metadata: Mapping[str, str] = MappingProxyType({})
    cache_control: str = ""
