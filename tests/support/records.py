"""The record of a diagnosis as a ticket has it, with something in each part that people are shown."""

from typing import Any

from tickets.record_version import RECORD_VERSION

RECORD: dict[str, Any] = {
    "version": RECORD_VERSION,
    "answer": {
        "headline": "The pool was full",
        "verdict": "action_required",
        "timeline": [{"at": "2026-01-01T00:05:00Z", "event": "deploy 41", "evidence": ["E2"]}],
        "primary": {
            "diagnosis": "Connections leak",
            "chain": [{"from_component": "db", "to_component": "api", "how": "waits", "evidence": ["E1"]}],
        },
        "missing_data": [{"what": "the pool's settings", "where": "the console"}],
    },
    "confidence": {"said": "high", "shown": "low", "reasons": ["a hop stands on nothing"]},
    "checks": [{"name": "cited", "place": "chain", "result": "failed", "says": "E1 says nothing of it"}],
    "not_looked_at": ["traces"],
}
