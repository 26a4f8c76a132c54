"""A small diagnosis, and Claude's answer that holds it."""

from capacity.buckets import Used
from diagnose.diagnosis.answer import Answer
from diagnose.diagnosis.schema import Component, Diagnosis, Hypothesis

DIAGNOSIS = Diagnosis(
    verdict="action_suggested",
    headline="A worn disk slows tikv-4: wait.",
    timeline=[],
    components=[Component(name="tikv-4", role="cause")],
    metric_readings=[],
    primary=Hypothesis(diagnosis="a worn disk", confidence="low", reasoning="r", evidence=[], chain=[]),
    alternatives=[],
    severity="info",
    recommended_action="wait",
    commands=[],
    risks=[],
    missing_data=[],
)
ANSWER = Answer(
    text=DIAGNOSIS.model_dump_json(),
    stop_reason="end_turn",
    model="claude-sonnet-5-5",
    request_id="req_1",
    used=Used(seconds=20.0, input_tokens=1000, output_tokens=200, cost_usd=0.006),
    cached_tokens=0,
    buckets={},
)
