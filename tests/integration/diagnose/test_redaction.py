"""What leaves the account holds no secret, wherever the ticket held it, and the ticket says so."""

from decimal import Decimal
from typing import Any

import pytest

from diagnose.settings import DiagnoseSettings
from runtime.settings import SettingsError
from tests.support.invoked_pipeline import InvokedPipeline

PASSWORD = "correct" + "Horse9"
KEY_ID = "AK" + "IA" + "ABCDEFGH12345678"
ADDRESS = "anna@" + "example.com"


@pytest.fixture
def full_of_secrets() -> dict[str, Any]:
    return {
        "message": f"login failed with password={PASSWORD}",
        "component": {"owner": ADDRESS},
        "severity": {"padding": "x" * 70, "key": KEY_ID},
        "metric_snapshot": {
            "pool": {"used": Decimal("41.20"), "dsn": f"postgres://app:{PASSWORD}@db-1/orders"}
        },
        "topology": {"env": [{"name": "DB_PASSWORD", "value": PASSWORD}]},
        "log_tail": f"{'.' * 1990} {KEY_ID}\n2026-11-17T02:11:05Z INFO sent mail to {ADDRESS}",
    }


def test_no_secret_of_a_ticket_reaches_claude(
    pipeline: InvokedPipeline, full_of_secrets: dict[str, Any]
) -> None:
    pipeline.put(**full_of_secrets)

    pipeline.deliver()

    prompt = pipeline.asked()
    assert pipeline.item()["diagnosis_status"] == "done"
    assert not any(secret in prompt for secret in (PASSWORD, KEY_ID[:10], ADDRESS))
    assert "login failed with password=[redacted password 1]" in prompt
    assert "used = 41.20" in prompt


def test_the_ticket_keeps_its_own_and_says_kinds_and_counts(
    pipeline: InvokedPipeline, full_of_secrets: dict[str, Any]
) -> None:
    pipeline.put(**full_of_secrets)

    pipeline.deliver()

    item = pipeline.item()
    [note] = [note for note in item["diagnosis_notes"] if note.startswith("redacted")]
    assert note.endswith(": aws-access-key 1, connection-string 1, password 1, email 1")
    assert PASSWORD in item["message"]
    assert PASSWORD not in str(item["diagnosis_notes"]) + item["diagnosis"]


def test_a_diagnosis_of_an_earlier_ticket_is_redacted_too(pipeline: InvokedPipeline) -> None:
    pipeline.put("t-0")
    pipeline.deliver()
    summary = {"cause": f"key {KEY_ID} is revoked", "confidence": "high"}
    pipeline.update("t-0", diagnosis_summary=summary)
    pipeline.put("t-2")

    pipeline.deliver()

    assert "key [redacted aws-access-key 1] is revoked" in pipeline.asked()


def test_a_kind_that_is_unknown_is_an_error_that_names_the_kinds() -> None:
    with pytest.raises(SettingsError, match="REDACTION_OFF") as raised:
        DiagnoseSettings.from_environment(redaction_off="email, phone")

    assert "must be some of private-key, " in str(raised.value)
    assert "which phone is not" in str(raised.value)


def test_kinds_are_named_with_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    required = ("tickets_table", "state_table", "retry_queue_url", "dead_letter_queue_url", "model")
    monkeypatch.setenv("REDACTION_OFF", "email, iban,")

    settings = DiagnoseSettings.from_environment(anthropic_secret_id="s", **dict.fromkeys(required, "x"))

    assert settings.redaction_off == {"email", "iban"}
