"""The function's clients: from trimmed service data where that loads, from botocore's where not."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import FlexibleChecksumError
from botocore.httpchecksum import Crc32Checksum, StreamingChecksumBody

from handler import services
from handler.image import Budget
from handler.job import Destination, Job
from handler.process import read
from handler.recipe import Recipe
from handler.services import Services, connect
from imgpipe.package.service_data import service_data

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trimmed service data, as it lies beside the handler on Lambda."""
    for name, content in service_data().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr(services, "_DATA", tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return tmp_path


def operations(client: Any) -> int:
    """How many operations the client knows: few from the trimmed data, many from botocore's."""
    return len(client.meta.service_model.operation_names)


def test_the_trimmed_data_is_used_where_it_loads(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of a cold start would go into what no picture needs."""
    made = connect()
    assert operations(made.s3) < 10
    assert operations(made.dynamodb) < 10
    assert caplog.records == []


def no_resolver(data: Path) -> None:
    """A botocore of tomorrow asks for a file that nobody packed."""
    (data / "endpoints.json").unlink()


def unknown_type(data: Path) -> None:
    """A botocore of yesterday does not know a type in a rule set."""
    (rules,) = data.glob("s3/*/endpoint-rule-set-1.json*")
    rules.unlink()
    document = {"version": "1.0", "parameters": {"X": {"type": "later"}}, "rules": []}
    (rules.parent / "endpoint-rule-set-1.json").write_text(json.dumps(document))


@pytest.mark.parametrize("damage", [no_resolver, unknown_type])
def test_what_does_not_load_gives_way_to_botocores_own(
    data: Path, damage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda replaces botocore by itself: a cold start must outlive that, and say so in the log."""
    damage(data)
    with caplog.at_level(logging.WARNING):
        made = connect()
    assert operations(made.s3) > 90
    assert operations(made.dynamodb) > 50
    assert "does not load" in caplog.text


class Damaged:
    """An S3 whose object does not have the checksum that it was stored with."""

    def get_object(self, **_: str) -> dict[str, Any]:
        body = b"damaged on its way"
        stream = StreamingChecksumBody(BytesIO(body), len(body), Crc32Checksum(), "AAAAAA==")
        return {"ContentLength": len(body), "Body": stream}


def test_a_source_that_was_damaged_on_its_way_is_not_processed(tmp_path: Path) -> None:
    """botocore verifies S3's checksum as the last byte is read; Lambda tries the event again."""
    destination = Destination("in", "out", "Rows", Recipe(), tmp_path)
    with pytest.raises(FlexibleChecksumError):
        read(Job("a.jpg", Services(Damaged(), None), destination, "r-1", Budget))
