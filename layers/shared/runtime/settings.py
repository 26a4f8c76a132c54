"""What the environment says, read once per execution environment; an empty value counts as unset."""

from typing import Any, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """Raised when an environment variable is missing or wrong; the text names each and its value."""


class Settings(BaseSettings):
    """What every function is told; each adds its own in its `settings.py`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    tickets_table: str
    state_table: str
    concurrency: int = Field(1, ge=1)

    @classmethod
    def from_environment(cls, **given: Any) -> Self:
        """Raises SettingsError naming every variable that is missing or wrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError("; ".join(_describe(fault) for fault in error.errors())) from error


def _describe(fault: Any) -> str:
    name = str(fault["loc"][0]).upper()
    got = "" if fault["type"] == "missing" else f", got {fault['input']!r}"
    return f"environment variable {name}: {fault['msg']}{got}"
