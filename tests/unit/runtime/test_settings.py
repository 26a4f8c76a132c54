"""The environment: what it must say, what it may leave to defaults, and how a mistake is reported."""

import pytest

from runtime.settings import SettingsError
from sweep.settings import SweepSettings

REQUIRED = {"TICKETS_TABLE": "tickets", "STATE_TABLE": "state"}
OPTIONAL = {"CONCURRENCY": "5", "SWEEP_INTERVAL_SECONDS": "60"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only what a function must be told."""
    for name in OPTIONAL:
        monkeypatch.delenv(name, raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_tables_are_enough_for_sweep(environment: pytest.MonkeyPatch) -> None:
    settings = SweepSettings.from_environment()

    assert (settings.tickets_table, settings.state_table) == ("tickets", "state")
    assert settings.concurrency == 1
    assert settings.sweep_interval_seconds == 300


def test_everything_can_be_set(environment: pytest.MonkeyPatch) -> None:
    for name, value in OPTIONAL.items():
        environment.setenv(name, value)

    settings = SweepSettings.from_environment()

    assert settings.concurrency == 5
    assert settings.sweep_interval_seconds == 60


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)

    with pytest.raises(SettingsError, match=f"^environment variable {name}: missing$"):
        SweepSettings.from_environment()


@pytest.mark.parametrize("name", REQUIRED)
def test_an_empty_variable_is_missing(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "")

    with pytest.raises(SettingsError, match=f"^environment variable {name}: missing$"):
        SweepSettings.from_environment()


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_empty_optional_variable_leaves_the_default(environment: pytest.MonkeyPatch, name: str) -> None:
    default = SweepSettings.from_environment()
    environment.setenv(name, "")

    assert SweepSettings.from_environment() == default


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("CONCURRENCY", "0", "1 or more"),
        ("CONCURRENCY", "1.5", "a whole number"),
        ("CONCURRENCY", "one", "a whole number"),
        ("SWEEP_INTERVAL_SECONDS", "0", "1 or more"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable_and_what_it_must_be(
    environment: pytest.MonkeyPatch, name: str, value: str, wanted: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(SettingsError) as wrong:
        SweepSettings.from_environment()

    assert str(wrong.value) == f'environment variable {name}: must be {wanted}, got "{value}"'


def test_every_fault_is_reported_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("TICKETS_TABLE")
    environment.setenv("CONCURRENCY", "many")

    with pytest.raises(SettingsError) as wrong:
        SweepSettings.from_environment()

    faults = str(wrong.value).split("; ")
    assert [fault.split(":")[0] for fault in faults] == [
        "environment variable TICKETS_TABLE",
        "environment variable CONCURRENCY",
    ]


def test_a_setting_does_not_change_once_read(environment: pytest.MonkeyPatch) -> None:
    settings = SweepSettings.from_environment()

    with pytest.raises(ValueError, match="frozen"):
        settings.concurrency = 9  # type: ignore[misc]
