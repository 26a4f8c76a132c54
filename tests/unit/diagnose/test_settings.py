"""Each way to Claude needs settings of its own, and none of another's."""

import pytest

from diagnose.settings import DiagnoseSettings
from runtime.settings import SettingsError

SHARED = {
    "TICKETS_TABLE": "tickets",
    "STATE_TABLE": "state",
    "RETRY_QUEUE_URL": "retry",
    "DEAD_LETTER_QUEUE_URL": "dead",
    "MODEL": "claude-sonnet-5-5",
    "ANTHROPIC_SECRET_ID": "",
    "WORKSPACE_ID": "",
    "AWS_REGION": "",
}
NEEDED = [
    ("anthropic", {"ANTHROPIC_SECRET_ID"}),
    ("bedrock", {"AWS_REGION"}),
    ("aws", {"AWS_REGION", "WORKSPACE_ID"}),
]


@pytest.mark.parametrize(("provider", "needed"), NEEDED)
def test_what_the_chosen_way_needs_must_be_there(
    monkeypatch: pytest.MonkeyPatch, provider: str, needed: set[str]
) -> None:
    for name, value in {**SHARED, "CLAUDE_PROVIDER": provider}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as raised:
        DiagnoseSettings.from_environment()

    assert set(str(raised.value).split("; ")) == {f"environment variable {name}: missing" for name in needed}
    for name in needed:
        monkeypatch.setenv(name, "there")
    assert DiagnoseSettings.from_environment().claude_provider == provider
