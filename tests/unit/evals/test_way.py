"""Who is asked: by the environment, and what stands on loopback is never Claude."""

import pytest

from tests.evals.way import Way, settings, way_from


@pytest.mark.parametrize(
    ("environment", "way", "is_local"),
    [
        ({"ANTHROPIC_API_KEY": "sk-mine"}, Way("https://api.anthropic.com", "sk-mine"), False),
        (
            {"ANTHROPIC_API_KEY": "sk-mine", "ANTHROPIC_BASE_URL": "https://proxy.example"},
            Way("https://proxy.example", "sk-mine"),
            False,
        ),
        (
            {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8788"},
            Way("http://127.0.0.1:8788", "sk-local-stand-in"),
            True,
        ),
        (
            {"ANTHROPIC_API_KEY": "sk-mine", "ANTHROPIC_BASE_URL": "http://localhost:1"},
            Way("http://localhost:1", "sk-mine"),
            True,
        ),
        ({"ANTHROPIC_BASE_URL": "http://[::1]:8788"}, Way("http://[::1]:8788", "sk-local-stand-in"), True),
    ],
)
def test_a_key_or_the_stand_ins_address_is_a_way(
    environment: dict[str, str], way: Way, is_local: bool
) -> None:
    found = way_from(environment)

    assert found == way
    assert found.is_local is is_local


@pytest.mark.parametrize(
    "environment", [{}, {"ANTHROPIC_API_KEY": " "}, {"ANTHROPIC_BASE_URL": "https://proxy.example"}]
)
def test_without_either_nobody_is_asked(environment: dict[str, str]) -> None:
    assert way_from(environment) is None


def test_it_is_asked_with_the_settings_of_the_template() -> None:
    told = settings()

    assert (told.prompt_tokens, told.max_output_tokens) == (30_000, 8_000)
    assert told.model.startswith("claude-")
