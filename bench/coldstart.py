"""A cold start.

Imports and clients of the very zip and layer that setup deploys, in a fresh process, against the
guide's.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from bench.deployed import ENVIRONMENT, PYTHON, unpacked
from bench.goals import Goal
from bench.markdown import section, table
from bench.timing import Sample, interleave, time_process

if TYPE_CHECKING:
    from pathlib import Path

_ROUNDS: Final = 15
_GUIDE: Final = """
import boto3, os
from PIL import Image, ImageDraw
from datetime import datetime
s3 = boto3.client('s3')
table = boto3.resource('dynamodb').Table('ImageMetadata')
"""
_TWO_CLIENTS: Final = """
import botocore.session
from PIL import Image
session = botocore.session.get_session()
session.create_client('s3'), session.create_client('dynamodb')
"""
_HANDLER: Final = "import handler.lambda_function"
_DELIVERY: Final = "import handler.delivery"
# What the delivery function would take if it read originals as the others do.
_THROUGH_A_CLIENT: Final = """
import handler.start, handler.image, handler.variant, handler.log
from handler.services import connect_s3
connect_s3()
"""
# What the handler's start consists of; each is a process of its own, the interpreter's start
# included.
_PARTS: Final = {
    "... of it botocore, imported": "import handler.session, botocore.config, botocore.loaders",
    "... of it both clients": "from handler.services import connect; connect()",
    "... of it the picture core": "import handler.image",
}
_OF_GUIDE: Final = 0.50
_GOALS: Final = {
    "cold start: imports and clients, CPU, of the guide's": "imgpipe's function as deployed",
    "cold start of the delivery function, CPU, of the guide's": "its delivery function",
}
_NOTE: Final = (
    "Medians of fresh processes, the interpreter's own start included. The handler is the zip "
    "and the layer that setup builds, unpacked, on the "
    f"Python that runs this bench ({PYTHON}) and its botocore; nothing may write bytecode, and "
    "botocore's optional C library (awscrt) cannot be imported, as on Lambda."
)
# Lambda's runtime has boto3 and what it depends on, and awscrt is an extra of botocore's: imported
# where it is found, 40 ms.
_WITHOUT_CRT: Final = "import sys; sys.modules['awscrt'] = None\n"


def measure() -> tuple[list[Goal], str]:
    """Time cold starts: the guide's, the handler's, and the handler's without its savings."""
    runs = {
        "python, nothing imported": partial(_start, "pass"),
        "guide: boto3 client and resource, PIL": partial(_start, _GUIDE),
        "botocore alone, two clients, PIL": partial(_start, _TWO_CLIENTS),
        "imgpipe's function as deployed": partial(_start, _HANDLER, unpacked("deployed")),
        **{part: partial(_start, code, unpacked("deployed")) for part, code in _PARTS.items()},
        "... without its .pyc files": partial(
            _start, _HANDLER, unpacked("no-bytecode", "__pycache__")
        ),
        "... without its cut service data": partial(_start, _HANDLER, unpacked("no-data", "aws")),
        "its delivery function": partial(_start, _DELIVERY, unpacked("deployed")),
        "... with a client for S3": partial(_start, _THROUGH_A_CLIENT, unpacked("deployed")),
    }
    times = interleave(runs, _ROUNDS)
    guide = times["guide: boto3 client and resource, PIL"].cpu
    rows = [
        [name, f"{time.cpu:.0f}", f"{time.wall:.0f}", f"{time.cpu / guide:.2f}"]
        for name, time in times.items()
    ]
    goals = [Goal(what, times[name].cpu / guide, _OF_GUIDE) for what, name in _GOALS.items()]
    return goals, section(
        "Cold start", _NOTE, table(["variant", "CPU ms", "wall ms", "of guide"], rows)
    )


def processor_milliseconds() -> float:
    """Return what the function's imports and clients take, less the interpreter's own start."""
    runs = {
        "nothing": partial(_start, "pass"),
        "function": partial(_start, _HANDLER, unpacked("deployed")),
    }
    times = interleave(runs, _ROUNDS)
    return times["function"].cpu - times["nothing"].cpu


def _start(code: str, folder: Path | None = None) -> Sample:
    path = {"PYTHONPATH": f"{folder}:{folder / 'python'}"} if folder else {}
    return time_process([sys.executable, "-P", "-c", _WITHOUT_CRT + code], {**ENVIRONMENT, **path})


if __name__ == "__main__":
    sys.stdout.write(measure()[1])
