"""Verbs of the core, each in a process of its own, so that it can be killed.

``python -m tests.support.worker URL ACCESS_KEY SECRET_KEY REGION`` loads all that verbs need, once.
Then, for each line ``["VERB", "FILE", ...]``, it forks, says the child's number, and how it ended;
the child waits for a line before it begins.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import boto3

from imgpipe.aws.account import Aws
from imgpipe.pictures import differences, files, mending, outcomes, removal, retry, upload
from imgpipe.pictures.following import Watch
from imgpipe.pictures.waiting import Waiting
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.pipeline.places import places, stores
from imgpipe.settings import Settings


def set_up(pipeline: Pipeline, _: Sequence[Path]) -> None:
    """Set the pipeline up, as ``imgpipe setup`` does."""
    deployment.raise_for_failures(list(deployment.setup(pipeline)), "setup")


def take_away(pipeline: Pipeline, _: Sequence[Path]) -> None:
    """Tear it down, as ``imgpipe teardown`` does."""
    deployment.raise_for_failures(list(deployment.teardown(pipeline)), "teardown")


def send(pipeline: Pipeline, paths: Sequence[Path]) -> None:
    """Upload the files and follow each to its result, as ``imgpipe upload`` does."""
    bucket, table = pipeline.names.source_bucket, pipeline.names.table
    upload.require_trigger(pipeline.aws, bucket)
    waiting = Waiting()
    uploads = upload.upload(pipeline.aws, bucket, files.pictures(paths).pictures)
    outcomes.raise_for_failures(list(waiting.take(uploads)))
    renditions = [rendition.name for rendition in pipeline.settings.recipe.renditions]
    told = Watch(pipeline.aws, table, renditions, 120).follow(waiting)
    outcomes.raise_for_failures(each for each in told if isinstance(each, outcomes.Result))


def run_again(pipeline: Pipeline, _: Sequence[Path]) -> None:
    """Run again what failed for good, as ``imgpipe retry --all`` does.

    What a killed run held shows again after a while, and is waited for.
    """
    names = pipeline.names
    place = retry.Place(
        queue=names.queue,
        function=names.function,
        alias=names.alias,
        source_bucket=names.source_bucket,
        stores=stores(pipeline),
        hold_seconds=2,
        follows=True,
    )
    unseen = 1
    while unseen:
        with retry.held(pipeline.aws, place) as work:
            retry.raise_for_failures(list(work.run()))
            unseen = work.unseen


def mend(pipeline: Pipeline, _: Sequence[Path]) -> None:
    """Mend every difference, as ``imgpipe reconcile --yes`` does."""
    names, where = pipeline.names, places(pipeline)
    mender = mending.Mender(names.function, names.alias, where)
    found = differences.find(pipeline.aws, where, "")
    mending.raise_for_failures(list(mending.mend(pipeline.aws, mender, found)))


def remove(pipeline: Pipeline, _: Sequence[Path]) -> None:
    """Remove every picture that there is, as ``imgpipe rm --prefix`` does."""
    names = pipeline.names
    remover = removal.Remover(names.source_bucket, stores(pipeline), untold=True)
    found = removal.beneath(pipeline.aws, remover, places(pipeline), "")
    removal.raise_for_failures(list(removal.remove(pipeline.aws, remover, found)))


VERBS: Final[Mapping[str, Callable[[Pipeline, Sequence[Path]], None]]] = {
    "setup": set_up,
    "upload": send,
    "retry": run_again,
    "rm": remove,
    "reconcile": mend,
    "teardown": take_away,
}


def account(url: str, access_key: str, secret_key: str, region: str) -> Aws:
    """Return the account behind ``url``, with short naps.

    Not so short that most of an upload's calls would ask again for what is not there yet.
    """
    session = boto3.Session(access_key, secret_key, region_name=region)
    return Aws(session, endpoint_url=url, sleep=lambda seconds: time.sleep(min(seconds, 2)))


SERVICES: Final = (
    *("sts", "s3", "iam", "dynamodb", "lambda", "sqs", "sns"),
    *("logs", "cloudwatch", "cloudfront", "acm"),
)


def child(aws: Aws, verb: str, paths: Sequence[Path]) -> int:
    """Run a verb once a line has come; return the exit code."""
    sys.stdin.readline()
    try:
        VERBS[verb](Pipeline.of(Settings(local=True), aws), paths)
    except Exception:  # noqa: BLE001 - whatever it is, whoever waits is told
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Fork a child for each line."""
    aws = account(*sys.argv[1:5])
    for service in SERVICES:
        aws.client(service)
    for line in sys.stdin:
        verb, *names = json.loads(line)
        if (pid := os.fork()) == 0:
            code = child(aws, verb, [Path(name) for name in names])
            sys.stderr.flush()
            os._exit(code)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
