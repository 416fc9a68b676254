"""A rendition on demand: the whole call of the delivery function beside the same by sharp in Node.

The function URL's event in, the answer in Base64 out, the original from an S3 on the loopback.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from contextlib import ExitStack
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from bench.corpus import twelve_megapixels
from bench.deployed import ENVIRONMENT, unpacked
from bench.goals import Goal
from bench.markdown import section, table
from bench.paths import ROOT
from bench.peers import NODE_MODULES
from bench.quality import psnr, ssim, truth
from bench.sink import sink
from bench.timing import interleave
from bench.worker import Worker, sample
from handler.recipe import Recipe, Rendition
from handler.schema import RECIPE

if TYPE_CHECKING:
    from bench.corpus import Case
    from bench.timing import Sample

_ROUNDS: Final = 7
_CONTENDERS: Final = ROOT / "bench" / "contenders"
# What is asked for: of imgpipe by the words of a path, of sharp by its options. Its own are WebP at
# quality 80 and effort 4, AVIF at quality 50 and effort 4, 4:4:4. imgpipe's are WebP at quality 80
# and method 2, AVIF at quality 60 and speed 8, which is sharp's effort 1.
_OURS: Final = {
    "WebP 640": "width-640.format-webp",
    "AVIF 640": "width-640.format-avif",
    "AVIF 1920": "width-1920.format-avif",
}
_SHARPS: Final[dict[str, dict[str, Any]]] = {
    "WebP 640": {"width": 640, "format": "webp"},
    "WebP 640, as imgpipe": {"width": 640, "format": "webp", "options": {"effort": 2}},
    "AVIF 640": {"width": 640, "format": "avif"},
    "AVIF 640, as imgpipe": {
        "width": 640,
        "format": "avif",
        "options": {"quality": 60, "effort": 1, "chromaSubsampling": "4:2:0"},
    },
}
_OF_SHARP: Final = 0.85
_AVIF_MILLISECONDS: Final = 250
_NOTE: Final = (
    "The delivery function as deployed, without a watermark, and sharp as AWS's Dynamic Image "
    "Transformation uses it, at its own qualities and efforts and at imgpipe's: the event of a "
    "function's URL in, {name} read from a loopback server, the answer in Base64 out. imgpipe "
    "signs its requests and verifies what comes; sharp is spared its client for S3, by a plain "
    "GET. CPU time of all threads, medians of calls in turn; fidelity against a full decode and a "
    "LANCZOS resize."
)


def measure() -> tuple[list[Goal], str]:
    """Time both on a 12 MP JPEG; return the goals and the section."""
    case = twelve_megapixels()[0]
    with sink(case.path.read_bytes()) as server, ExitStack() as stack:
        ours, sharp = (
            stack.enter_context(_imgpipe(server.url)),
            stack.enter_context(_sharp(server.url)),
        )
        jobs = {
            **{("imgpipe", task): ours for task in _OURS},
            **{("sharp", task): sharp for task in _SHARPS},
        }
        times = interleave(
            {job: partial(sample, worker, job[1], case) for job, worker in jobs.items()}, _ROUNDS
        )
        rows = [_row(job, jobs[job], case, times[job]) for job in sorted(jobs, key=itemgetter(1))]
    of_sharp = times["imgpipe", "WebP 640"].cpu / times["sharp", "WebP 640"].cpu
    avif = times["imgpipe", "AVIF 640"].cpu
    goals = [
        Goal(f"on demand, {case.name} to WebP 640, CPU, of sharp's", of_sharp, _OF_SHARP),
        Goal(f"on demand, {case.name} to AVIF 640, CPU", avif, _AVIF_MILLISECONDS, "ms"),
    ]
    header = ["rendition", "contender", "CPU ms", "wall ms", "KB", "dB / SSIM"]
    return goals, section(
        "A rendition on demand", _NOTE.format(name=case.name), table(header, rows)
    )


def _imgpipe(url: str) -> Worker:
    folder = unpacked("deployed")
    script = str(_CONTENDERS / "delivery.py")
    recipe = Recipe(renditions=(Rendition(watermark=None),))
    environment = {
        **ENVIRONMENT,
        "AWS_ENDPOINT_URL": url,
        "PYTHONPATH": f"{folder}:{folder / 'python'}:{ROOT}",
        RECIPE: recipe.to_json(),
    }
    return Worker("imgpipe", [sys.executable, "-P", script, json.dumps(_OURS)], environment)


def _sharp(url: str) -> Worker:
    script = str(_CONTENDERS / "delivery.mjs")
    return Worker("sharp", ["node", script, str(NODE_MODULES), url, json.dumps(_SHARPS)])


def _row(job: tuple[str, str], worker: Worker, case: Case, time: Sample) -> list[str]:
    """Return one line of the table; the picture of one more call is judged."""
    contender, task = job
    answer = worker.ask(task, case).output
    body = b64decode(json.loads(answer.read_bytes())["body"])
    answer.write_bytes(body)
    with Image.open(answer) as made:
        wanted = truth(case.path, made.size)
        judged = f"{psnr(wanted, made):.1f} / {ssim(wanted, made):.3f}"
    return [
        task,
        contender,
        f"{time.cpu:.0f}",
        f"{time.wall:.0f}",
        f"{len(body) / 1000:.0f}",
        judged,
    ]


if __name__ == "__main__":
    from bench.goals import goals_table

    found, text = measure()
    sys.stdout.write(goals_table(found) + "\n" + text)
