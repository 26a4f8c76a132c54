"""Values that boto3 would stumble over: every number is read, and what is none costs only itself."""

import json
from io import StringIO
from typing import Any

import pytest

from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline

IN_FULL = "1" + "0" * 40
"""1e40, as DynamoDB writes it out."""
NUMBERS = [IN_FULL, "-25" + "0" * 100, "9" * 38 + "0" * 88, "1." + "2" * 37 + "E-130", "3801234567890123456"]
NO_NUMBER = "1" * 40
"""No table holds it, but the emulator's takes it."""
LOST = "<a value of DynamoDB's type N that cannot be read>"


def put_typed(pipeline: InvokedPipeline, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
    """Writes a ticket in DynamoDB's typed JSON, as another SDK would."""
    least = {name: {"S": name} for name in ("invariant_name", "message")}
    own = {"ticket_id": {"S": ticket_id}, "status": {"S": "open"}}
    table = pipeline.stack.ref("TicketsTable")
    pipeline.stack.dynamodb.put_item(TableName=table, Item={**least, **own, **attributes})


def counted(capsys: pytest.CaptureFixture[str], name: str) -> int:
    """How often a metric was counted, as the embedded format prints it."""
    return sum(name in json.loads(line) for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
def test_any_number_anywhere_is_diagnosed_and_shown_with_all_its_digits(
    pipeline: InvokedPipeline, number: str
) -> None:
    value = {"N": number}
    deep = {"L": [value, {"M": {"inner": {"L": [value]}}}]}
    put_typed(
        pipeline, runbook=deep, tags={"NS": [number]}, metric_snapshot={"M": {"id": value}}, topology=deep
    )

    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == "done"
    assert pipeline.item()["diagnosis_notes"] == []
    if "E" not in number:
        assert f"[M1] id = {number}\n" in pipeline.asked()
        assert f"[T1] {number}\n" in pipeline.asked()
        assert f'[T2] {{"inner": [{number}]}}' in pipeline.asked()


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
@pytest.mark.parametrize("field", ["generation", "lease_until", "noticed_at", "diagnosis_history"])
def test_any_number_under_a_name_of_the_pipelines_costs_neither_the_ticket_nor_a_sweep(
    pipeline: InvokedPipeline, number: str, field: str
) -> None:
    attribute: dict[str, Any] = {field: {"N": number}}
    put_typed(pipeline, **attribute)
    pipeline.put("other", diagnosis_status="running", generation=0, lease_until=0)

    assert pipeline.sweep()["recover_abandoned"] == 1
    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == pipeline.item("other")["diagnosis_status"] == "done"


def test_what_cannot_be_read_is_said_on_the_ticket_and_counted_and_the_rest_is_diagnosed(
    pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    put_typed(pipeline, runbook={"N": NO_NUMBER}, topology={"L": [{"N": NO_NUMBER}, {"S": "a shop"}]})

    pipeline.deliver()

    item = pipeline.item()
    assert item["diagnosis_status"] == "done"
    assert sorted(item["diagnosis_notes"]) == [
        f"not usable: runbook: holds {LOST}",
        f"not usable: topology: holds {LOST}",
    ]
    assert "a shop" in pipeline.asked()
    assert counted(capsys, "Unreadable") == 1


def test_a_required_field_that_cannot_be_read_fails_its_ticket_alone(pipeline: InvokedPipeline) -> None:
    put_typed(pipeline, message={"N": NO_NUMBER})
    pipeline.put("other")

    pipeline.deliver()

    assert f'got "{LOST}"' in pipeline.item()["diagnosis_error"]["message"]
    assert pipeline.item("other")["diagnosis_status"] == "done"


def test_a_record_that_cannot_be_read_at_all_is_counted_and_its_neighbours_are_diagnosed(
    pipeline: InvokedPipeline, logged: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.put()
    [record] = pipeline.transitions()

    pipeline.diagnose({"eventID": "e-1", "dynamodb": {"Keys": {"ticket_id": {"N": "1"}}}}, record)

    assert pipeline.item()["diagnosis_status"] == "done"
    assert '"message":"ignored"' in logged.getvalue()
    assert counted(capsys, "Unreadable") == 1


def test_what_a_producer_overwrites_on_a_ticket_with_odd_values_is_restored(
    pipeline: InvokedPipeline,
) -> None:
    put_typed(pipeline, weight={"N": IN_FULL})
    pipeline.deliver()
    put_typed(pipeline, weight={"N": NO_NUMBER}, occurrence_count={"N": IN_FULL})

    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == "done"
    assert pipeline.stand_in.answered == 1
