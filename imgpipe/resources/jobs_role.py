"""The role that jobs of S3 Batch Operations run as, and which they do not outlive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws import jobs
from imgpipe.aws.job_policies import jobs_trust
from imgpipe.engine.resource import Properties, Resource
from imgpipe.resources.role import Role

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.aws.jobs import Job
    from imgpipe.aws.policies import Policy

# A job that is cancelled lets what it has begun come to its end, and writes its report.
_CANCELLED_SECONDS: Final = 1_200.0


@dataclass(frozen=True)
class JobsRole(Role):
    """A role for jobs of ``account``, whose lists and reports lie in ``bucket``."""

    description: ClassVar[str] = "Jobs of S3 Batch Operations run as it, for imgpipe"
    account: str = ""
    bucket: Resource | None = None

    def trust(self) -> Policy:
        """Return who may assume it: S3 Batch Operations."""
        return jobs_trust(self.account)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Cancel the jobs that run as it, wait for their end, and delete it.

        So the bucket that they write to, which goes after it, stays empty.
        """
        for job in running(aws, live):
            jobs.cancel(aws, job.id)
        aws.settle(
            lambda: list(running(aws, live)),
            lambda left: not left,
            what="the end of the jobs of S3 Batch Operations",
            seconds=_CANCELLED_SECONDS,
        )
        super().delete(aws, live)


def running(aws: Aws, live: Properties) -> list[Job]:
    """Return the jobs that run as the role ``live``: they are asked for their role one by one."""
    if aws.endpoint_url:
        return []
    unfinished = (job.id for job in jobs.listed(aws) if not job.has_ended)
    found = (jobs.find(aws, id) for id in unfinished)  # noqa: A001
    return [job for job in found if job and job.role == live["Arn"]]
