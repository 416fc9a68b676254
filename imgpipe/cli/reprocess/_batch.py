"""Pictures made again by a job: counted, priced, asked for once, and then S3's business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe.engine import reconcile
from imgpipe.engine.graph import finals
from imgpipe.pictures import batch, selection
from imgpipe.pipeline import again, deployment, jobs
from imgpipe.render import reprocess as render
from imgpipe.render import setup

if TYPE_CHECKING:
    from imgpipe.pictures.selection import Wanted
    from imgpipe.pipeline import Pipeline
    from imgpipe.pipeline.served import Served
    from imgpipe.render._screen import Screen


@dataclass(frozen=True)
class Asked:
    """What is ``wanted``, of what the pipeline serves, and the ``command`` that asks for it."""

    pipeline: Pipeline
    screen: Screen
    by: Served
    wanted: Wanted
    command: str

    def order(self, agreed: Callable[[str, str], bool]) -> render.Ordered:
        """Say what it is, and what it costs; begin a job if that is ``agreed`` to.

        Raises:
            ImgpipeError: what a job stands on could not be made.
        """
        count, keys, gone = self._counted()
        expense = again.expense(self.pipeline, self.by, count).by_job(listed=keys is None)
        if not count:
            self.screen.say(render.NOTHING)
            return render.Ordered(expense, gone=gone)
        self.screen.say(render.announced_job(expense))
        line = batch.also(self.command, "--batch", "--yes")
        if not agreed(f"Make {count:,} pictures again by a job of S3 Batch Operations?", line):
            return render.Ordered(expense, gone=gone)
        return render.Ordered(expense, self._started(keys), gone)

    def _counted(self) -> tuple[int, Sequence[str] | None, Sequence[str]]:
        """Return how many they are, which, unless S3 is to list them, and which are gone."""
        names, aws = self.pipeline.names, self.pipeline.aws
        with self.screen.progress() as progress:
            progress.add_task(render.LOOKING)
            if self.wanted.by_prefix:
                there = selection.originals(aws, names.source_bucket, self.wanted.prefix)
                return sum(1 for _ in there), None, ()
            found = selection.select(aws, names.source_bucket, names.table, self.wanted)
        return len(found.keys), found.keys, found.gone

    def _started(self, keys: Sequence[str] | None) -> batch.Started:
        pipeline = self.pipeline
        ground = jobs.ground(pipeline)
        making = reconcile.setup(ground, pipeline.aws)
        events = list(finals(setup.narrated(ground, making, self.screen)))
        deployment.raise_for_failures(events, batch.also(self.command, "--batch"))
        order = batch.Order(self.command, self.by.fingerprint, self.wanted.prefix, keys)
        return batch.start(pipeline.aws, jobs.place(pipeline, events), order)
