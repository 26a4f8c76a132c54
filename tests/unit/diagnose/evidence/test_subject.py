"""The subject's record as evidence."""

from diagnose.evidence.subject import section_of
from subjects.subject import Subject


def test_what_does_not_fit_in_a_record_is_named() -> None:
    found = Subject.from_item({"subject_id": "orders", "metrics": "cpu"})

    assert section_of(found).lines[-1].startswith("not usable in its record: metrics")
