"""What the stand-in answers: a diagnosis made of the evidence it was shown, or what fits another schema."""

import json

import anthropic
import pytest

from local.claude.server import StandIn
from tests.integration.local.claude.asking import (
    EVIDENCE,
    Asking,
    closed,
    diagnosis_of,
    http,
    output_config,
    request,
    text_of,
)


class TestAnswers:
    def test_an_answer_fits_the_schema_and_says_who_wrote_it(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask())
        assert diagnosis.primary.reasoning.startswith("Stand-in answer, not Claude:")
        assert diagnosis.recommended_action.startswith("Stand-in answer, not Claude: wait and observe")
        assert len(diagnosis.alternatives) == 2
        assert [command.risk for command in diagnosis.commands] != [""]

    def test_metric_readings_are_the_tickets_own_values(self, ask: Asking) -> None:
        readings = {reading.name: reading for reading in diagnosis_of(ask()).metric_readings}
        assert {name: reading.value for name, reading in readings.items()} == {
            "disk.await_ms": "41.2",
            "raft.lag_entries": "18000",
            "up": "1",
        }
        assert (readings["disk.await_ms"].evidence, readings["disk.await_ms"].unit) == ("M1", "ms")

    def test_a_changed_metric_changes_the_answer(self, ask: Asking) -> None:
        before = diagnosis_of(ask())
        after = diagnosis_of(ask(EVIDENCE.replace("41.2", "977.5")))
        assert "disk.await_ms = 41.2" in before.primary.diagnosis
        assert "disk.await_ms = 977.5" in after.primary.diagnosis
        assert after.metric_readings[0].value == "977.5"

    def test_what_stands_out_is_cited(self, ask: Asking) -> None:
        cited = [(evidence.id, evidence.shows) for evidence in diagnosis_of(ask()).primary.evidence]
        assert cited == [
            ("L2", "2026-03-01T10:02:00Z FATAL out of memory"),
            ("L2", "2026-03-01T10:01:00Z ERROR raft: append timed out"),
            ("M1", "disk.await_ms = 41.2"),
            ("M2", "raft.lag_entries = 18000"),
        ]

    def test_a_metric_at_zero_does_not_stand_out(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask(EVIDENCE.replace("18000", "0")))
        assert "raft.lag_entries" not in diagnosis.primary.diagnosis

    def test_the_timeline_is_the_dated_log_lines(self, ask: Asking) -> None:
        timeline = diagnosis_of(ask()).timeline
        assert [(entry.at, entry.event, entry.evidence) for entry in timeline] == [
            ("2026-03-01T10:00:00Z", "INFO applied snapshot", ["L1"]),
            ("2026-03-01T10:01:00Z", "ERROR raft: append timed out", ["L2"]),
            ("2026-03-01T10:02:00Z", "FATAL out of memory", ["L2"]),
        ]

    @pytest.mark.parametrize(
        ("line", "at"),
        [
            ("[2026/11/12 01:04:36.500 +00:00] [ERROR] busy", "2026/11/12 01:04:36.500 +00:00"),
            ("2026-11-12 01:04:36,500 ERROR busy", "2026-11-12 01:04:36,500"),
            ("2026-11-12T01:04+0100 busy", "2026-11-12T01:04+0100"),
        ],
    )
    def test_dates_are_found_in_the_ways_that_logs_write_them(self, ask: Asking, line: str, at: str) -> None:
        assert [entry.at for entry in diagnosis_of(ask(f"[L1] {line}")).timeline] == [at]

    def test_the_ticket_names_the_components_and_the_gaps_are_missing_data(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask())
        assert [component.name for component in diagnosis.components] == ["tikv-4"]
        assert [missing.what for missing in diagnosis.missing_data] == [
            "could not look: similar tickets: no answer"
        ]

    @pytest.mark.parametrize(
        ("message", "severity"),
        [
            ("tikv-4 is down", "critical"),
            ("connections exhausted", "critical"),
            ("latency above its target, downstream is fine", "warning"),
            ("weekly report", "info"),
        ],
    )
    def test_severity_follows_from_plain_words(self, ask: Asking, message: str, severity: str) -> None:
        assert diagnosis_of(ask(f"[E1] message: {message}")).severity == severity

    def test_without_evidence_the_data_is_insufficient(self, ask: Asking) -> None:
        diagnosis = diagnosis_of(ask("no evidence here"))
        assert diagnosis.primary.confidence == "insufficient_data"
        assert (diagnosis.timeline, diagnosis.metric_readings) == ([], [])

    def test_a_long_line_is_cut_between_words(self, ask: Asking) -> None:
        shown = diagnosis_of(ask("[L1] ERROR " + "1234.5 " * 100)).primary.evidence[0].shows
        assert shown.endswith("1234.5 …")

    def test_the_command_cannot_be_broken_by_a_metrics_name(self, ask: Asking) -> None:
        (command,) = diagnosis_of(ask("[M1] lag; reboot = 1")).commands
        assert command.command == "aws cloudwatch list-metrics --metric-name 'lag; reboot'"

    def test_a_schema_of_other_properties_is_filled_by_type(self, ask: Asking) -> None:
        some = {
            "text": {"type": "string"},
            "when": {"type": "string", "format": "date-time"},
            "how_many": {"type": "integer"},
            "sure": {"type": "boolean"},
            "one_or_more": {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "choice": {"enum": ["first", "second"]},
            "fixed": {"const": "this"},
            "perhaps": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Inner"}]},
            "nothing": {"type": "null"},
            "both": {"allOf": [{"$ref": "#/$defs/Inner"}]},
            "severity": {"type": "array", "items": {"type": "string"}},
            "inner": {"$ref": "#/$defs/Inner"},
        }
        schema = {**closed(some), "$defs": {"Inner": closed({"name": {"type": "string"}})}}
        answer = json.loads(text_of(ask(output_config=output_config(schema))))
        assert answer == {
            "text": "Stand-in answer, not Claude: no rule for text",
            "when": "2000-01-01T00:00:00Z",
            "how_many": 0,
            "sure": False,
            "one_or_more": [0],
            "choice": "first",
            "fixed": "this",
            "perhaps": None,
            "nothing": None,
            "both": {"name": "Stand-in answer, not Claude: no rule for name"},
            "severity": ["warning"],
            "inner": {"name": "Stand-in answer, not Claude: no rule for name"},
        }

    def test_a_schema_that_nothing_fits_is_the_stand_ins_own_failure(self, ask: Asking) -> None:
        schema = closed({"both": {"allOf": [{"const": 1}, {"const": 2}]}})
        with pytest.raises(anthropic.InternalServerError, match="could not fill the schema"):
            ask(output_config=output_config(schema))

    def test_without_a_schema_the_answer_is_prose(self, ask: Asking) -> None:
        assert text_of(ask(output_config={"effort": "low"})).startswith("Stand-in answer, not Claude:")

    def test_evidence_may_come_in_blocks(self, ask: Asking) -> None:
        blocks = [{"type": "text", "text": line} for line in EVIDENCE.split("\n## ")]
        in_blocks = ask(messages=[{"role": "user", "content": blocks}])
        assert diagnosis_of(in_blocks) == diagnosis_of(ask())

    def test_usage_is_a_token_for_every_four_bytes(self, ask: Asking, stand_in: StandIn) -> None:
        message = ask()
        (call,) = stand_in.calls
        assert message.usage.input_tokens == -(-int(call.headers["content-length"]) // 4)
        assert message.usage.output_tokens == -(-len(text_of(message).encode()) // 4)
        assert (message.usage.cache_read_input_tokens, message.usage.cache_creation_input_tokens) == (0, 0)

    def test_an_answer_stops_at_max_tokens(self, ask: Asking) -> None:
        message = ask(max_tokens=50)
        assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 50)
        assert text_of(message) == text_of(ask())[:200]

    def test_text_that_no_encoding_can_hold_is_answered(self, stand_in: StandIn) -> None:
        body = json.dumps(request("[M1] lag = \ud800")).encode()
        status, message, _ = http(stand_in, "POST", "/v1/messages", body)
        assert (status, message["stop_reason"]) == (200, "end_turn")
