"""A pipeline that breaks: every failed picture is named with its reason, and run again when mended.

The real function fails in the embedded AWS, which tries it three times and sends Lambda's record.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.failed import event, record, send, waiting
from tests.support.local_account import somebody
from tests.support.shell import embedded, outputs, photo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgpipe.aws.account import Aws
    from tests.support.shell import Shell

FUNCTION: Final = "ImageProcessingFunction"
QUEUE: Final = "ImageProcessingFailures"
ROLE: Final = "LambdaImageProcessingRole-us-east-1"
SLEEPER: Final = """
import json, time
def lambda_handler(event, context):
    key = event["Records"][0]["s3"]["object"]["key"]
    print(json.dumps({"level": "INFO", "message": f"begin {key}"}), flush=True)
    time.sleep(60)
"""


def until(seen: Callable[[], bool], seconds: float = 150) -> None:
    """Wait until something is seen; retries take their time."""
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@dataclass(frozen=True)
class Broken:
    """A pipeline whose function may not read, and the names of its parts."""

    shell: Shell
    aws: Aws
    names: dict[str, str]
    policy: dict[str, Any]

    def put(self, *keys: str) -> None:
        """Put pictures into the source bucket, as any other tool would."""
        for key in keys:
            self.aws.client("s3").put_object(
                Bucket=self.names["source_bucket"], Key=key, Body=photo(60, 40)
            )

    def fail(self, key: str) -> None:
        """Let a picture fail for good: its event is tried three times."""
        self.put(key)
        until(lambda: waiting(self.aws, QUEUE) == 1)

    def mend(self) -> None:
        """Give the role back what it lacks."""
        self.aws.client("iam").put_role_policy(**self.policy)

    def failures(self) -> dict[str, Any]:
        """What ``failures`` says, by key."""
        told = self.shell.json("--local", "failures")
        return {each["key"]: each for each in told["failures"]}


@pytest.fixture
def broken(pipeline: Shell) -> Iterator[Broken]:
    """The pipeline, less the right to read sources; mended and emptied afterwards."""
    aws = embedded(pipeline.state)
    iam, sqs = aws.client("iam"), aws.client("sqs")
    (name,) = iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=ROLE, PolicyName=name)["PolicyDocument"]
    policy = {"RoleName": ROLE, "PolicyName": name, "PolicyDocument": json.dumps(whole)}
    names = outputs(pipeline)
    less = [each for each in whole["Statement"] if each["Sid"] != "ReadSources"]
    iam.put_role_policy(**{**policy, "PolicyDocument": json.dumps({**whole, "Statement": less})})
    yield Broken(pipeline, aws, names, policy)
    iam.put_role_policy(**policy)
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])


def test_what_failed_is_named_kept_and_run_again(broken: Broken) -> None:
    """From the first failure to an empty queue, as a person walks it."""
    real, more = "a b/größe.jpg", {f"{each}.jpg" for each in range(10)}
    keys = {real, *more}
    broken.fail(real)
    denied = broken.failures()[real]["reason"]
    others = (record(event(key), {"errorMessage": denied}) for key in more)
    send(broken.aws, QUEUE, *others)

    told = broken.shell.json("--local", "failures")
    assert (told["waiting"], told["complete"]) == (11, True)
    assert {each["key"] for each in told["failures"]} == keys
    for each in told["failures"]:
        assert "AccessDenied" in each["reason"]
        assert (each["event"], each["attempts"]) == ("ObjectCreated", 3)
    assert broken.failures().keys() == keys
    shown = broken.shell.run("--local", "failures")
    assert shown.stdout.count("AccessDenied") == 1
    assert "imgpipe --local retry --all" in shown.stderr

    story = broken.shell.json("--local", "explain", real)
    assert (story["outcome"], story["missing"]) == ("failed", "ended")
    assert "AccessDenied" in story["why"]
    assert story["next"] == [f"imgpipe --local retry '{real}'"]
    assert len(story["invocations"]) == 3
    assert "AccessDenied" in broken.shell.run("--local", "explain", real).stdout

    status = broken.shell.run("--local", "status")
    assert "failures waiting  11" in status.stdout
    assert "größe" in status.stdout
    assert "imgpipe --local failures" in status.stderr
    logged = broken.shell.stream("--local", "logs", "--filter", "ERROR", "--since", "1h")
    assert real in {line["fields"]["key"] for line in logged}

    again = broken.shell.json("--local", "retry", "--all", code=4)
    assert {each["status"] for each in again} == {"failed"}
    assert broken.failures().keys() == keys

    broken.mend()
    broken.put(*more)
    one, gone = real, "0.jpg"
    (done,) = broken.shell.json("--local", "retry", one)
    assert (done["key"], done["status"], done["settled"]) == (one, "processed", True)
    assert broken.failures().keys() == keys - {one}

    broken.aws.client("s3").delete_object(Bucket=broken.names["source_bucket"], Key=gone)
    results = {each["key"]: each for each in broken.shell.json("--local", "retry", "--all")}
    assert results.keys() == keys - {one}
    assert results[gone]["status"] == "gone"
    assert {each["status"] for key, each in results.items() if key != gone} == {"processed"}
    assert waiting(broken.aws, QUEUE) == 0
    rows = {row["source_key"] for row in broken.shell.stream("--local", "list-metadata")}
    assert keys - {gone} <= rows
    assert broken.shell.json("--local", "retry", "--all") == []
    assert "Nothing that failed waits" in broken.shell.run("--local", "failures").stderr


def test_upload_names_what_failed_for_good(broken: Broken) -> None:
    """It does not say that it is still being processed."""
    (broken.shell.folder / "fails.jpg").write_bytes(photo(60, 40))
    (told,) = broken.shell.json("--local", "upload", "fails.jpg", code=4)
    assert told["status"] == "failed"
    assert "AccessDenied" in told["reason"]


@pytest.mark.prove
def test_a_picture_that_takes_too_long_is_named_by_every_command(pipeline: Shell) -> None:
    """The function is cut off and can say nothing: Lambda's own line is an error, with the key."""
    aws = embedded(pipeline.state)
    (pipeline.folder / "imgpipe.toml").write_text("timeout = 3\n", encoding="utf-8")
    pipeline.run("--local", "setup")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler/__init__.py", "")
        archive.writestr("handler/lambda_function.py", SLEEPER)
    version = aws.client("lambda").update_function_code(
        FunctionName=FUNCTION, ZipFile=packed.getvalue(), Publish=True
    )["Version"]
    aws.client("lambda").update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    plan = pipeline.json("--local", "setup", "--dry-run")["resources"]
    (source,) = (each["name"] for each in plan if each["title"] == "source bucket")
    aws.client("s3").put_object(Bucket=source, Key="slow.jpg", Body=photo(60, 40))
    until(lambda: waiting(aws, QUEUE) == 1)

    (told,) = pipeline.json("--local", "failures")["failures"]
    assert (told["key"], told["reason"]) == (
        "slow.jpg",
        "Sandbox.Timedout: Task timed out after 3.00 seconds",
    )
    assert "time" in told["hint"]
    (named,) = pipeline.json("--local", "status", code=1)["failures"]
    assert named["key"] == "slow.jpg"
    logged = pipeline.stream("--local", "logs", "--filter", "ERROR", "--since", "1h")
    slow = [line for line in logged if "timed out" in line["message"]]
    assert {(line["level"], line["fields"]["key"]) for line in slow} == {("ERROR", "slow.jpg")}

    (pipeline.folder / "imgpipe.toml").unlink()
    pipeline.run("--local", "setup", "--reset")
    (done,) = pipeline.json("--local", "retry", "slow.jpg")
    assert (done["status"], done["results"]) == ("processed", ["processed-slow.jpg"])
    assert waiting(aws, QUEUE) == 0


def test_who_may_read_the_queue_and_start_the_function_needs_no_more(broken: Broken) -> None:
    """IAM is enforced: with these rights the one lists, with two more the other runs again."""
    queue = f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}"
    # AWS has no action for batches, which come under the single one's; ministack wants its name.
    reading = ["GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility"]
    reading.append("ChangeMessageVisibilityBatch")
    read = {"Effect": "Allow", "Action": [f"sqs:{name}" for name in reading], "Resource": queue}
    delete = {"Effect": "Allow", "Action": "sqs:DeleteMessage", "Resource": queue}
    function = f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}"
    invoke = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": [function, f"{function}:*"],
    }
    send(broken.aws, QUEUE, record(event("again.jpg")))

    reader, options = somebody(broken.shell, broken.aws, read)
    told = reader.json(*options, "failures")
    assert [each["key"] for each in told["failures"]] == ["again.jpg"]
    (denied,) = reader.json(*options, "retry", "again.jpg", code=4)
    assert "denied" in denied["reason"]

    broken.mend()
    broken.put("again.jpg")
    runner, options = somebody(broken.shell, broken.aws, read, delete, invoke)
    (done,) = runner.json(*options, "retry", "again.jpg")
    assert (done["status"], waiting(broken.aws, QUEUE)) == ("processed", 0)


def test_whatever_is_in_the_queue_is_shown_and_harmless(broken: Broken) -> None:
    """Control characters stay out of the terminal; what names no picture stays in the queue."""
    nasty = "\u202egpj.exe.jpg"
    send(
        broken.aws, QUEUE, "\u202eowned", record(event(nasty), {"errorMessage": f"\x1b[31m{nasty}"})
    )
    shown = broken.shell.run("--local", "failures").stdout
    assert all(character.isprintable() for line in shown.splitlines() for character in line)
    assert broken.failures().keys() == {"", nasty}
    broken.mend()
    results = broken.shell.json("--local", "retry", "--all", code=4)
    assert {(each["key"], each["status"]) for each in results} == {("", "unknown"), (nasty, "gone")}
    assert waiting(broken.aws, QUEUE) == 1


@pytest.mark.parametrize("arguments", [[], ["a.jpg", "--all"]])
def test_retry_wants_keys_or_all(shared_shell: Shell, arguments: list[str]) -> None:
    """And asks nobody before it knows which."""
    assert "or --all" in shared_shell.run("retry", *arguments, code=2).stderr
