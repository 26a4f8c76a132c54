"""The published schema of the record is that of the code, and what is stored keeps to it."""

import json

import jsonschema
import pytest

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.record import DiagnosisRecord, record_of
from tests.support.planted.sound import sound
from tests.support.planted.ungrounded import ungrounded
from tests.support.record_schema import PATH, schema


def test_the_published_schema_is_that_of_the_code() -> None:
    assert PATH.read_text("utf-8") == schema(), "stale: `make schemas` writes it"


def test_every_record_that_is_stored_keeps_to_it() -> None:
    published = jsonschema.Draft202012Validator(json.loads(PATH.read_text("utf-8")))

    answers = [(each.diagnosis, each.prompt) for each in sound()[::6]]
    answers += [(each.diagnosis, each.prompt) for each in ungrounded()[::30]]
    for diagnosis, prompt in answers:
        record = record_of(check(diagnosis, prompt))
        assert [fault.message for fault in published.iter_errors(record)] == []
        assert DiagnosisRecord.model_validate(record).answer == diagnosis


@pytest.mark.parametrize(
    "spoilt", [{"version": 1}, {"confidence": {}}, {"more": 1}, {"checks": [{}]}], ids=str
)
def test_what_is_no_record_does_not(spoilt: dict[str, object]) -> None:
    published = jsonschema.Draft202012Validator(json.loads(PATH.read_text("utf-8")))
    record = record_of(check(sound()[0].diagnosis, sound()[0].prompt))

    assert list(published.iter_errors({**record, **spoilt}))
