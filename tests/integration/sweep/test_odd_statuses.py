"""A `status` that is misspelt is respelt, and one that nobody understands is told of."""

import json
from io import StringIO

import pytest

from tests.support.invoked_pipeline import InvokedPipeline


class TestOddStatuses:
    def test_what_is_meant_is_respelt_and_diagnosed(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status=" open")
        assert pipeline.deliver() == 0

        assert pipeline.sweep() == {"respell": 1}
        pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"
        assert pipeline.item()["status"] == "diagnosed"

    def test_a_ticket_in_capitals_whose_record_was_lost_comes_back(self, pipeline: InvokedPipeline) -> None:
        pipeline.put(status="Open")
        pipeline.changes()

        assert pipeline.sweep() == {"respell": 1}
        for _ in range(5):
            pipeline.clock.advance(300)
            pipeline.sweep()
            pipeline.deliver()

        assert pipeline.item()["diagnosis_status"] == "done"

    def test_what_is_not_understood_is_counted_and_named(
        self, pipeline: InvokedPipeline, capsys: pytest.CaptureFixture[str], logged: StringIO
    ) -> None:
        pipeline.put("t-new", status=" new")
        pipeline.put("t-mended", status="OPEN", diagnosis_status="done")
        pipeline.put("t-closed", status="Resolved")

        assert pipeline.sweep() == {"respell": 1}

        assert pipeline.item("t-new")["status"] == " new"
        assert pipeline.item("t-closed")["status"] == "Resolved"
        out = capsys.readouterr().out
        line = next(json.loads(line) for line in out.splitlines() if "StatusNotUnderstood" in line)
        assert (line["StatusNotUnderstood"], line["StatusRespelt"]) == ([1], [1])
        said = [json.loads(line) for line in logged.getvalue().splitlines() if "not understood" in line]
        assert [each["ticket_id"] for each in said] == ["t-new"]
