"""The published schemas of events are those of the code, and those of producers take what the code takes."""

import json

import jsonschema
import pytest

from local.demo.events import load_event
from tests.support.event_schemas import FOLDER, schemas


def test_the_published_schemas_are_those_of_the_code() -> None:
    published = {path: path.read_text("utf-8") for path in FOLDER.glob("*/*.json")}
    assert published == schemas(), "stale: `make schemas` writes them"


@pytest.mark.parametrize("name", ["ticket_opened", "ticket_resolved"])
def test_the_samples_keep_to_them(name: str) -> None:
    schema = jsonschema.Draft202012Validator(
        json.loads((FOLDER / "incoming" / f"{name}.json").read_text("utf-8"))
    )
    [record] = load_event(f"intake-{name.replace('_', '-')}")["Records"]
    detail = json.loads(record["body"])["detail"]

    assert [fault.message for fault in schema.iter_errors(detail)] == []
    assert list(schema.iter_errors({**detail, "version": 2}))
    assert list(schema.iter_errors({key: value for key, value in detail.items() if key != "at"}))
