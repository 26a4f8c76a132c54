"""The cases with the prompts that are sent for them, made once."""

import pytest

from diagnose.settings import DiagnoseSettings
from tests.evals.asked import Asked, asked
from tests.evals.case import cases
from tests.evals.way import settings


@pytest.fixture(scope="session")
def told() -> DiagnoseSettings:
    return settings()


@pytest.fixture(scope="session")
def every(told: DiagnoseSettings) -> list[Asked]:
    return [asked(case, told) for case in cases()]


@pytest.fixture(scope="session")
def by_name(every: list[Asked]) -> dict[str, Asked]:
    return {each.case.name: each for each in every}
