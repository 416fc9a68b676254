"""The functions killed at any of their calls, by time or memory, and the event sent again.

Real processes of the real handler and real SIGKILLs: a call is either never received, or done and
its answer never read. Lambda then sends the event once more; what stands is held against a run that
nobody disturbed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import boto3
import pytest

from handler.gallery import INDEX_KEY, PAGE_PREFIX
from imgpipe import local
from tests.support import role_scenarios as told
from tests.support.executioner import Executioner, executing
from tests.support.role_account import RoleAccount, stand
from tests.support.role_scenarios import Scenario
from tests.support.shell import embedded

pytestmark = pytest.mark.prove

# Far more calls than any invocation makes, and far more seconds than it takes.
MOST_CALLS: Final = 100
SECONDS: Final = 120
SCENARIOS: Final[tuple[Scenario, ...]] = (
    told.made,
    told.replaced,
    told.damaged,
    told.removed,
    told.begun,
    told.shown,
    told.paged,
    told.filled,
)
# What is made anew each time.
_ANEW: Final = {"timestamp", "source_modified", "duration", "request_id"}


@dataclass(frozen=True)
class Mortal(RoleAccount):
    """An account whose functions run in processes here, and die at a call; then they run again."""

    executioner: Executioner
    fate: tuple[str, int]
    deaths: list[tuple[str, int]]

    def invoke(self, function: str, event: Mapping[str, Any]) -> None:
        """Run the function to its death or end, and if it died, again."""
        if self.run(function, event, *self.fate):
            self.deaths.append(self.fate)
            self.run(function, event, "", 0)

    def run(self, function: str, event: Mapping[str, Any], when: str, number: int) -> bool:
        """Run the function once; say whether it died."""
        config = self.aws.client("lambda").get_function_configuration(FunctionName=function)
        module = config["Handler"].rpartition(".")[0]
        keys = self.aws.session.get_credentials()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            **config["Environment"]["Variables"],
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_DEFAULT_REGION": self.aws.region,
            "AWS_ENDPOINT_URL": self.executioner.url,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.invocation", module, json.dumps(event)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.executioner.watch(process.kill, when, number)
        _, stderr = process.communicate(timeout=SECONDS)
        assert self.executioner.struck or process.returncode == 0, stderr
        return self.executioner.struck

    def clear(self) -> None:
        """Take every picture, result and row away."""
        s3, table = self.aws.client("s3"), self.aws.client("dynamodb")
        for bucket in (self.names.source_bucket, self.names.destination_bucket):
            for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=each["Key"])
        for row in table.scan(TableName=self.names.table)["Items"]:
            key = {"filename": row["filename"]}
            table.delete_item(TableName=self.names.table, Key=key)

    def state(self) -> Mapping[str, Any]:
        """Return what stands; a page that no index names is swept when it is an hour old."""
        s3, destination = self.aws.client("s3"), self.names.destination_bucket
        listed = s3.list_objects_v2(Bucket=destination).get("Contents", [])
        results = {each["Key"]: each["ETag"] for each in listed}
        data = {key for key in results if key.startswith(PAGE_PREFIX) or key == INDEX_KEY}
        rows = self.aws.client("dynamodb").scan(TableName=self.names.table)["Items"]
        return {
            "results": {key: etag for key, etag in results.items() if key not in data},
            "rows": [
                {name: value for name, value in row.items() if name not in _ANEW}
                for row in sorted(rows, key=lambda row: str(row["filename"]))
            ],
            "shown": list(self.shown()) if INDEX_KEY in data else [],
        }

    def shown(self) -> Iterator[str]:
        """Yield the keys that the page shows."""
        index = self.read(INDEX_KEY)
        pages = [self.read(page["name"]) for page in index["pages"]]
        for each in (index, *pages):
            yield from (picture["key"] for picture in each["pictures"])

    def read(self, key: str) -> Any:
        """Return a JSON file of the page's."""
        bucket = self.names.destination_bucket
        return json.load(self.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"])


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    """A pipeline, and who kills in front of it."""
    state = tmp_path_factory.mktemp("state")
    try:
        standing = stand(embedded(state))
        with executing(standing.aws.endpoint_url or "") as executioner:
            known = {each.name: getattr(standing, each.name) for each in fields(RoleAccount)}
            yield Mortal(**known, executioner=executioner, fate=("", 0), deaths=[])
    finally:
        local.stop(state)


def after(account: Mortal, scenario: Scenario, session: boto3.Session) -> Mapping[str, Any]:
    """Play it from nothing; return what stands."""
    account.clear()
    scenario(account, session)
    return account.state()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.__name__))
def test_an_invocation_killed_at_any_call_is_made_good_by_the_next(
    account: Mortal, scenario: Scenario, when: str, record_property: Callable[[str, object], None]
) -> None:
    """The 1st, the 2nd, ... until one lives to its end; each ends as the undisturbed one."""
    session = account.aws.session
    expected = after(account, scenario, session)
    for number in range(1, MOST_CALLS):
        mortal = replace(account, fate=(when, number), deaths=[])
        assert after(mortal, scenario, session) == expected, f"{when} call {number}"
        if not mortal.deaths:
            break
    else:
        pytest.fail("it never lived to its end")
    assert number > 2
    record_property(f"function_calls_interrupted/{scenario.__name__}, {when}", number - 1)
