"""What the environment says, read once per execution environment; an empty value counts as unset."""

import os
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.faults import in_words


class SettingsError(Exception):
    """Raised when an environment variable is missing or wrong; the text names each and its value."""


class Settings(BaseModel):
    """What every function is told; each adds its own in its `settings.py`.

    A field is the variable of the same name in capitals. pydantic-settings could read it, but its import is a
    fifth of a cold start.
    """

    model_config = ConfigDict(frozen=True)

    tickets_table: str
    state_table: str
    concurrency: int = Field(1, ge=1)

    @classmethod
    def from_environment(cls, **given: Any) -> Self:
        """Raises SettingsError naming every variable that is missing or wrong."""
        said = {name: os.environ.get(name.upper()) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in said.items() if value} | given)
        except ValidationError as error:
            faults = [
                f"environment variable {str(fault['loc'][0]).upper()}: {in_words(fault)}"
                for fault in error.errors()
            ]
            raise SettingsError("; ".join(faults)) from error
