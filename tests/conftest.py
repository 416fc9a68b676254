"""For all tests: what one leaves behind must not reach the next, nor the person who runs them."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from PIL import Image

# Where bytecode is switched off, each of the thousand programs that tests start would compile
# itself and all it imports, which takes a third of its time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True, scope="session")
def ctrl_c() -> None:
    """Let the programs that tests start be interrupted: a shell's background job ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Layers are packed once for all tests, and not into the user's own cache."""
    os.environ["IMGPIPE_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def pillow() -> Iterator[None]:
    """The picture core sets Pillow's global limit for every picture; other readers want it back."""
    before = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole pipelines: a file of a minute that came last would run alone.

    Of those the ones with the most tests first; ``--no-loadscope-reorder`` keeps that order.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: ("e2e" not in item.path.parts, -tests[item.path]))
