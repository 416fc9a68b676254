"""The judge: SSIMULACRA 2 of each pair of files named on standard input, as JSON."""

from __future__ import annotations

import json
import sys

from ssimulacra2 import compute_ssimulacra2

if __name__ == "__main__":
    pairs = json.load(sys.stdin)
    json.dump([float(compute_ssimulacra2(*pair)) for pair in pairs], sys.stdout)
