"""S3 Batch Operations in memory: no emulator has them.

botocore checks each call against its own model, and writes the request, before this answers in
AWS's place. The jobs do nothing by themselves: a test says how they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

BEGAN: Final = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
_HEADERS: Final = {"HTTPHeaders": {}, "HTTPStatusCode": 200}


@dataclass
class BatchOperations:
    """The jobs of an account by id, as ``CreateJob`` asked for them, and each request as sent.

    ``unanswered`` are how many of the next ``CreateJob`` do their work, and lose their answer.
    ``a_page`` is how many jobs ``ListJobs`` tells at a time.
    """

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[Any] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0
    a_page: int = 2

    def __post_init__(self) -> None:
        self._parameters: dict[str, Any] = {}

    def attach(self, aws: Aws) -> BatchOperations:
        """Answer what ``aws`` asks S3 Control for."""
        aws.session.events.register("provide-client-params.s3-control", self._note)
        aws.session.events.register("before-call", self._answer)
        return self

    def is_(self, job: str, status: str, **more: Any) -> None:
        """Say how a job is."""
        self.jobs[job] |= {"Status": status, **more}

    def _note(self, params: dict[str, Any], **_: object) -> None:
        self._parameters = dict(params)

    def _answer(self, model: Any, params: Any, **_: object) -> tuple[object, Any] | None:
        if model.service_model.service_name != "s3control":
            return None
        self.requests.append(params)
        status, told = getattr(self, f"_{model.name}")(self._parameters)
        return SimpleNamespace(status_code=status), {"ResponseMetadata": _HEADERS, **told}

    def _CreateJob(self, asked: dict[str, Any]) -> Any:  # noqa: N802 - as S3 Control has it
        known = self.tokens.get(asked["ClientRequestToken"])
        job = known or f"{len(self.jobs) + 1:08}-4c21-9d0e-1f2a-3b4c5d6e7f80"
        self.tokens[asked["ClientRequestToken"]] = job
        made = {
            **{name: value for name, value in asked.items() if name != "AccountId"},
            "JobId": job,
            "Status": "New",
            "CreationTime": BEGAN + timedelta(minutes=len(self.jobs)),
        }
        self.jobs.setdefault(job, made)
        if self.unanswered:
            self.unanswered -= 1
            return _error("InternalServiceException", 400)
        return 200, {"JobId": job}

    def _DescribeJob(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        if asked["JobId"] not in self.jobs:
            return _error("NotFoundException", 404)
        return 200, {"Job": self.jobs[asked["JobId"]]}

    def _ListJobs(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        at = int(asked.get("NextToken", 0))
        told = list(self.jobs.values())[at : at + self.a_page]
        more = at + self.a_page < len(self.jobs)
        listed = ("JobId", "Description", "Status", "CreationTime", "ProgressSummary")
        jobs = [{name: job[name] for name in listed if name in job} for job in told]
        return 200, {"Jobs": jobs, **({"NextToken": str(at + self.a_page)} if more else {})}

    def _UpdateJobStatus(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        job = self.jobs[asked["JobId"]]
        if job["Status"] in {"Complete", "Failed", "Cancelled"}:
            return _error("JobStatusException", 400)
        job["Status"] = asked["RequestedJobStatus"]
        return 200, {"JobId": job["JobId"], "Status": job["Status"]}


def _error(code: str, status: int) -> tuple[int, dict[str, Any]]:
    return status, {"Error": {"Code": code, "Message": code}}
