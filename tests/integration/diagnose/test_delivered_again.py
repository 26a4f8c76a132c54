"""A record that comes again."""

from dataclasses import replace

import pytest

from tests.support.disturbances import broken, meanwhile
from tests.support.invoked_pipeline import InvokedPipeline


class TestDeliveredAgain:
    def test_the_same_event_twice_is_diagnosed_once(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()

        pipeline.diagnose(record)
        pipeline.diagnose(record)

        assert pipeline.stand_in.answered == 1

    def test_the_same_event_during_the_run_is_left_alone(self, pipeline: InvokedPipeline) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        meanwhile(pipeline, lambda: pipeline.diagnose(record))

        pipeline.diagnose(record)

        assert pipeline.stand_in.answered == 1
        assert pipeline.item()["diagnosis_status"] == "done"

    def test_after_a_bug_of_our_own_the_next_delivery_finds_the_ticket_free(
        self, pipeline: InvokedPipeline
    ) -> None:
        pipeline.put()
        [record] = pipeline.transitions()
        claude = pipeline.diagnose_ticket.claude
        meanwhile(pipeline, broken)
        with pytest.raises(RuntimeError, match="a bug"):
            pipeline.diagnose(record)
        pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)

        pipeline.diagnose(record)

        assert pipeline.item()["diagnosis_status"] == "done"
