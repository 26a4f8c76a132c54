"""The attributes that are the pipeline's own; every other one on a ticket belongs to its producers."""

PIPELINE_ATTRIBUTES = frozenset(
    {
        "diagnosis_status",
        "generation",
        "attempts",
        "first_attempt_at",
        "faults",
        "fault_since",
        "fault_repeats",
        "waiting_since",
        "claim_token",
        "claim_event",
        "lease_until",
        "not_before",
        "deferred_for",
        "deferred_reason",
        "noticed_at",
        "diagnosis",
        "diagnosis_record",
        "diagnosed_at",
        "diagnosis_model",
        "diagnosis_usage",
        "prompt_version",
        "claude_request_id",
        "similar_key",
        "diagnosis_error",
        "diagnosis_history",
        "diagnosis_notes",
        "rediagnose",
    }
)
"""What the pipeline writes on a ticket (and a person's `rediagnose`): what a producer's overwrite erases."""
