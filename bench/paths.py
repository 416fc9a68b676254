"""Where the bench keeps what it makes.

Everything under ``build/``, which git ignores, except the report itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BUILD: Final = ROOT / "build" / "bench"
PEERS: Final = ROOT / "build" / "peers"
RESULTS: Final = ROOT / "bench" / "results.md"
