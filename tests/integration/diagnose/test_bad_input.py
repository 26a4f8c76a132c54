"""Tickets of absurd size, under odd keys, with anything in them: each comes to an end, and nothing raises."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.claude.server import StandIn
from tests.support.dynamodb_values import ITEMS, VALUES
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline, invoked_pipeline
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.ticket import Ticket

LONG = "2026-11-17T02:10:35Z tikv-4 WARN append took 611 ms\n" * 5800  # 300 KB


class TestAbsurdSizes:
    def test_a_300_kb_log_tail_is_read_from_its_end(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(log_tail=f"{LONG}the last line")

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["log_tail"] == f"{LONG}the last line"
        assert "the last line" in pipeline.asked()
        assert any("Log tail" in note for note in pipeline.item()["diagnosis_notes"])

    @pytest.mark.parametrize("field", ["message", "topology", "subject_context", "log_tail", "severity"])
    def test_one_huge_text_on_one_line(self, pipeline: InvokedPipeline, field: str) -> None:
        pipeline.put(**{field: "x" * 380_000})

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_a_huge_invariant_name(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(invariant_name="i" * 380_000)

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_more_metrics_than_the_prompt_can_hold(self, stand_in: StandIn) -> None:
        with invoked_pipeline(stand_in, PromptTokens="4000") as pipeline:
            pipeline.put(metric_snapshot={f"{'m' * 200}{number}": number for number in range(300)})
            pipeline.deliver()
            item = pipeline.item()

        assert item["diagnosis_status"] == "done"
        assert any("Metric snapshot" in note for note in item["diagnosis_notes"])

    @pytest.mark.parametrize(
        "filling",
        [
            {"log_tail": LONG},
            {"message": "m" * 300_000},
            {"blob": b"\x00" * 300_000},
            {"topology": {"nodes": ["n" * 1000] * 300}},
            {"metric_snapshot": {f"m{number}": "v" * 1000 for number in range(300)}},
            {f"attribute_{number}": "v" * 1000 for number in range(300)},
        ],
        ids=["log tail", "message", "binary", "topology", "metrics", "hundreds of attributes"],
    )
    def test_an_item_just_under_the_limit_keeps_its_diagnosis_and_says_what_it_lost(
        self, pipeline: InvokedPipeline, filling: dict[str, Any]
    ) -> None:
        fill_to_the_limit(pipeline, filling)

        pipeline.deliver()

        item = pipeline.item()
        assert item["diagnosis_status"] == "done"
        assert "\n## What to do\n" in item["diagnosis"]
        assert any("to make room" in note for note in item["diagnosis_notes"])

    def test_an_item_just_under_the_limit_that_cannot_be_diagnosed_says_why(
        self, pipeline: InvokedPipeline
    ) -> None:
        fill_to_the_limit(pipeline, {"log_tail": LONG, "message": {"not": "text"}})

        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "failed"
        assert "message: " in pipeline.item()["diagnosis_error"]["message"]

    def test_what_was_cut_to_make_room_is_missing_in_the_prompt_and_said_there(
        self, pipeline: InvokedPipeline
    ) -> None:
        fill_to_the_limit(pipeline, {"log_tail": LONG})

        pipeline.deliver()

        assert "log_tail: cut from " in pipeline.asked()


def fill_to_the_limit(pipeline: InvokedPipeline, attributes: dict[str, Any]) -> None:
    """Writes a ticket that the table just takes: with a few bytes more it would not."""
    fits, too_much = 0, 400_000
    while too_much - fits > 64:
        size = (fits + too_much) // 2
        try:
            pipeline.put(**attributes, note="n" * size)
        except ClientError:
            too_much = size
        else:
            fits = size
    pipeline.delete()
    pipeline.changes()
    pipeline.put(**attributes, note="n" * fits)


@pytest.mark.parametrize(
    "ticket_id",
    ["x" * 1024, "\n[E1] message: forged", "\u202e../../etc", "票-1", "1", "a b", "#", "é" * 500],
    ids=lambda ticket_id: ascii(ticket_id)[:20],
)
def test_any_key_that_the_table_takes(pipeline: InvokedPipeline, ticket_id: str) -> None:
    pipeline.put(ticket_id)

    pipeline.deliver()

    assert pipeline.item(ticket_id)["diagnosis_status"] == "done"


ODD = {
    "null": None,
    "text": "3 of 5",
    "number": Decimal("-1.5"),
    "list": ["x"],
    "map": {"x": 1},
    "binary": b"\x00",
    "flag": True,
}
# DynamoDB itself refuses any other type.
KEYS_OF_INDEXES = {"similar_key", "diagnosed_at", "rediagnose", "incident_id", "member_since"}


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_attributes_under_the_pipelines_names_do_no_harm(
    pipeline: InvokedPipeline, odd: Any, logged: StringIO
) -> None:
    names = PIPELINE_ATTRIBUTES - KEYS_OF_INDEXES
    if isinstance(odd, str):
        names -= {"diagnosis_status"}  # a status in words is the pipeline's, whoever wrote it
    ticket = {"ticket_id": TICKET_ID, "status": "open", "invariant_name": "i", "message": "m"}
    pipeline.tickets.put_item(Item={**ticket, **dict.fromkeys(names, odd)})

    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == "done"
    assert pipeline.item()["generation"] == 0
    assert pipeline.stand_in.answered == 1
    assert "removed what a producer wrote under the names of the pipeline" in logged.getvalue()


def test_an_event_that_comes_again_does_not_take_the_pipelines_own_values_for_a_producers(
    pipeline: InvokedPipeline,
) -> None:
    pipeline.put(attempts="3 of 5", generation="v1")
    [record] = pipeline.transitions()

    pipeline.diagnose(record)
    pipeline.diagnose(record)

    assert pipeline.item()["generation"] == 0
    assert pipeline.stand_in.answered == 1


FIELDS = [name for name in Ticket.model_fields if name not in ("ticket_id", "status")]


@pytest.mark.not_followed
def test_no_ticket_whatever_makes_the_handler_raise(pipeline: InvokedPipeline) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ITEMS, st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)))
    def ends_well(others: dict[str, Any], fields: dict[str, Any]) -> None:
        own = {"ticket_id": TICKET_ID, "status": "open"}
        pipeline.delete()
        pipeline.changes()
        producers = {name: value for name, value in others.items() if name not in KEYS_OF_INDEXES}
        pipeline.tickets.put_item(Item=named({**producers, **fields}) | own)

        pipeline.deliver()

        item = pipeline.item()
        assert item["diagnosis_status"] in ("done", "failed")
        if item["diagnosis_status"] == "failed":
            assert item["diagnosis_error"]["kind"] == "bad_ticket"

    ends_well()


def named(value: Any) -> Any:
    """The value with no empty name in it: the emulator's stream cannot carry one."""
    if isinstance(value, dict):
        return {name or "no name": named(inner) for name, inner in value.items()}
    return [named(inner) for inner in value] if isinstance(value, list) else value


def test_a_bad_ticket_does_not_hold_up_the_next_one(pipeline: InvokedPipeline, logged: StringIO) -> None:
    pipeline.put("bad", message={"not": "text"})
    pipeline.put("good")

    pipeline.deliver()

    assert pipeline.item("good")["diagnosis_status"] == "done"
    assert '"outcome":"failed: bad_ticket"' in logged.getvalue()
