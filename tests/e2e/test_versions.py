"""Versions behind an alias: what serves while the function is changed, and what served before."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe import local
from imgpipe.pipeline.names import Names
from imgpipe.settings import Settings
from tests.support.shell import Shell, embedded, photo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgpipe.aws.account import Aws

BROKEN: Final = '[watermark]\nfont = "broken.ttf"\n'


def names_of(aws: Aws) -> Names:
    """What everything is called."""
    return Names.of(Settings(), aws.account, aws.region)


def serving(aws: Aws) -> str:
    """The version that the alias points at."""
    names = names_of(aws)
    alias = aws.client("lambda").get_alias(FunctionName=names.function, Name=names.alias)
    return str(alias["FunctionVersion"])


def published(aws: Aws) -> list[str]:
    """The versions that are kept."""
    name = names_of(aws).function
    listed = aws.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


def widths(shell: Shell, name: str) -> list[int]:
    """Upload a picture; return how wide its results are."""
    (shell.folder / name).write_bytes(photo(900, 900))
    shell.run("--local", "upload", name)
    rows = shell.stream("--local", "list-metadata")
    return [row["width"] for row in rows if row["source_key"] == name]


def test_a_version_that_fails_the_self_test_is_never_served(served: Shell) -> None:
    """The one before goes on, with its recipe; the next setup tries again, and mends it."""
    aws = embedded(served.state)
    assert (serving(aws), published(aws)) == ("1", ["1"])

    (served.folder / "broken.ttf").write_bytes(b"OTTO, and no font")
    (served.folder / "imgpipe.toml").write_text(f"[picture]\nwidth = 100\n{BROKEN}")
    for number in ("2", "2"):
        failed = served.run("--local", "setup", code=1)
        assert f"version {number} of ImageProcessingFunction" in failed.stderr
        assert "version 1 goes on serving" in failed.stderr.replace("\n", " ")
        assert "imgpipe --local setup" in failed.stderr
        assert (serving(aws), published(aws)) == ("1", ["1", "2"])
        assert widths(served, "a.jpg") == [600]

    (served.folder / "imgpipe.toml").write_text("[picture]\nwidth = 100\n")
    served.run("--local", "setup")
    assert (serving(aws), published(aws)) == ("3", ["1", "3"])
    assert widths(served, "b.jpg") == [100]


def test_two_versions_are_kept_and_teardown_takes_them_all(served: Shell) -> None:
    """The one that serves, and the one before it."""
    aws = embedded(served.state)
    for width in (100, 200, 300):
        (served.folder / "imgpipe.toml").write_text(f"[picture]\nwidth = {width}\n")
        served.run("--local", "setup")
    assert (serving(aws), published(aws)) == ("4", ["3", "4"])
    served.run("--local", "teardown", "--yes")
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_a_version_works_on_though_its_layer_was_replaced(served: Shell) -> None:
    """Lambda keeps a copy of a deleted layer version for whoever has it, in a cold start too."""
    (served.folder / "imgpipe.toml").write_text('architecture = "x86_64"\n')
    served.run("--local", "setup")
    local.stop(served.state)
    aws = embedded(served.state)
    names, functions = names_of(aws), aws.client("lambda")
    assert len(functions.list_layer_versions(LayerName=names.layer)["LayerVersions"]) == 1
    layers = {
        each["Version"]: each["Layers"][0]["Arn"]
        for each in functions.list_versions_by_function(FunctionName=names.function)["Versions"]
    }
    assert layers["1"] != layers["2"]
    answer = functions.invoke(
        FunctionName=names.function, Qualifier="1", Payload=b'{"Records": []}'
    )
    assert "FunctionError" not in answer


def test_a_rollback_brings_the_version_before_back_with_its_recipe(served: Shell) -> None:
    """In one call; status says so, a second one finds nothing older, and a setup takes it back."""
    assert "nothing older" in served.run("--local", "rollback", code=1).stderr
    for width in (100, 200):
        (served.folder / "imgpipe.toml").write_text(f"[picture]\nwidth = {width}\n")
        served.run("--local", "setup")
    aws = embedded(served.state)
    assert widths(served, "a.jpg") == [200]

    asked = served.error("--local", "rollback", code=2)
    assert asked["next"] == ["imgpipe --local rollback --yes"]
    told = served.json("--local", "rollback", "--dry-run")
    assert (told["rolled_back"], told["replaced"], told["version"]) == (False, "3", "2")
    assert serving(aws) == "3"

    shown = served.run("--local", "rollback", "--yes")
    assert "[picture] width  200 -> 100" in shown.stderr
    assert "Version 2 is served again; it starts." in shown.stdout
    assert (serving(aws), published(aws)) == ("2", ["2", "3"])
    assert widths(served, "b.jpg") == [100]

    status = served.json("--local", "status")
    assert (status["rolled_back"], status["version"], status["in_sync"]) == (True, "2", False)
    assert "Rolled back to version 2; setup brings the newest again." in (
        served.run("--local", "status").stderr
    )
    again = served.error("--local", "rollback", "--yes", code=1)
    assert again["next"] == ["imgpipe --local setup"]

    done = served.json("--local", "setup")["resources"]
    assert [each["title"] for each in done if each["state"] != "unchanged"] == ["function alias"]
    assert (serving(aws), published(aws)) == ("3", ["2", "3"])
    assert widths(served, "c.jpg") == [200]


def test_status_proves_that_what_is_served_starts(served: Shell) -> None:
    """It was started, and wrote nothing; what cannot start is told in Lambda's words."""
    aws = embedded(served.state)
    told = served.json("--local", "status")
    assert (told["starts"], told["version"], told["start_error"]) == (True, "1", None)
    assert (told["in_sync"], told["uploaded"], told["processed"]) == (True, 0, 0)
    assert "version 1 starts" in served.run("--local", "status").stdout

    names, functions = names_of(aws), aws.client("lambda")
    functions.update_function_configuration(FunctionName=names.function, Handler="no.such")
    broken = functions.publish_version(FunctionName=names.function)["Version"]
    functions.update_alias(FunctionName=names.function, Name=names.alias, FunctionVersion=broken)
    told = served.json("--local", "status", code=1)
    assert (told["starts"], told["version"], told["in_sync"]) == (False, broken, False)
    assert "No module named 'no'" in told["start_error"]
    shown = served.run("--local", "status", code=1)
    assert "does not start" in shown.stdout
    assert "imgpipe --local setup" in shown.stderr
    served.run("--local", "setup")
    assert served.json("--local", "status")["starts"] is True


@pytest.mark.prove
def test_another_runtime_is_published_tested_and_served(served: Shell) -> None:
    """Function, layer and version are for it; here the Python that is here runs it all the same."""
    (served.folder / "imgpipe.toml").write_text('runtime = "python3.14"\n')
    served.run("--local", "setup")
    aws = embedded(served.state)
    names, functions = names_of(aws), aws.client("lambda")
    version = functions.get_function(FunctionName=names.function, Qualifier=names.alias)
    assert version["Configuration"]["Runtime"] == "python3.14"
    (layer,) = functions.list_layer_versions(LayerName=names.layer)["LayerVersions"]
    assert layer["CompatibleRuntimes"] == ["python3.14"]
    assert widths(served, "a.jpg") == [600]
    assert served.json("--local", "status")["warnings"] == []


def without_alias(aws: Aws) -> None:
    """Make the pipeline what release 0.1 made: trigger, permission and retries of the function."""
    names, functions, s3 = names_of(aws), aws.client("lambda"), aws.client("s3")
    function = functions.get_function(FunctionName=names.function)["Configuration"]
    live = {"FunctionName": names.function, "Qualifier": names.alias}
    settings = functions.get_function_event_invoke_config(**live)
    kept = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    functions.put_function_event_invoke_config(
        FunctionName=names.function, **{name: settings[name] for name in kept}
    )
    functions.add_permission(
        FunctionName=names.function,
        StatementId="imgpipe-s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{names.source_bucket}",
        SourceAccount=aws.account,
    )
    rules: Any = s3.get_bucket_notification_configuration(Bucket=names.source_bucket)
    (rule,) = rules["LambdaFunctionConfigurations"]
    rule["LambdaFunctionArn"] = function["FunctionArn"]
    s3.put_bucket_notification_configuration(
        Bucket=names.source_bucket,
        NotificationConfiguration={"LambdaFunctionConfigurations": [rule]},
    )
    functions.remove_permission(**live, StatementId="imgpipe-s3-live")
    functions.delete_alias(FunctionName=names.function, Name=names.alias)
    for version in published(aws):
        functions.delete_function(FunctionName=names.function, Qualifier=version)


@contextmanager
def pictures_arriving(aws: Aws) -> Iterator[list[str]]:
    """Put one picture after the other into the source bucket while the block runs; yield keys."""
    keys: list[str] = []
    over, bucket = threading.Event(), names_of(aws).source_bucket
    content = photo(60, 40)

    def put() -> None:
        while not over.wait(0.1):
            keys.append(f"{len(keys)}.jpg")
            aws.client("s3").put_object(Bucket=bucket, Key=keys[-1], Body=content)

    thread = threading.Thread(target=put)
    thread.start()
    try:
        yield keys
    finally:
        over.set()
        thread.join(timeout=120)
        assert not thread.is_alive()


def test_a_pipeline_without_an_alias_is_moved_over_and_loses_no_event(served: Shell) -> None:
    """Permission and retries of the alias come first; the old ones stay, for stragglers."""
    aws = embedded(served.state)
    without_alias(aws)
    names = names_of(aws)
    with pictures_arriving(aws) as keys:
        moved = served.json("--local", "setup")["resources"]
    assert serving(aws) in published(aws)
    states = [(each["title"], each["state"]) for each in moved]
    assert ("function", "unchanged") in states
    assert states.index(("trigger permission", "created")) < states.index(
        ("upload trigger", "updated")
    )
    rules = aws.client("s3").get_bucket_notification_configuration(Bucket=names.source_bucket)
    (rule,) = rules["LambdaFunctionConfigurations"]
    assert rule["LambdaFunctionArn"].endswith(":live")

    deadline = time.monotonic() + 60
    expected = {f"processed-{key}" for key in keys}
    while not expected <= results(aws, names.destination_bucket):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(expected) > 1
    again = served.json("--local", "setup")["resources"]
    assert {each["state"] for each in again} == {"unchanged"}


def results(aws: Aws, bucket: str) -> set[str]:
    """The keys of the results."""
    listed = aws.client("s3").list_objects_v2(Bucket=bucket)
    return {each["Key"] for each in listed.get("Contents", [])}
