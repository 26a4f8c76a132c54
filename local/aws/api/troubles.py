"""Calls that end badly on purpose: denied, throttled, slow."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from local.aws.api.errors import ApiError


@dataclass(frozen=True)
class Trouble:
    """What happens before a call is answered: seconds pass, then it is refused or answered after all."""

    refused: ApiError | None = None
    seconds: float = 0.0

    def befall(self) -> None:
        """Raises ApiError."""
        time.sleep(self.seconds)
        if self.refused is not None:
            raise self.refused


Troubles = Mapping[tuple[str, str], Trouble]
"""By service and operation, as boto3 and the API reference have them."""


def denied(service: str, operation: str, code: str = "AccessDeniedException") -> Trouble:
    """As for a role without the right."""
    told = f"User: local is not authorized to perform: {service}:{operation}"
    return Trouble(ApiError(code, told, 403))


def throttled(code: str = "ThrottlingException") -> Trouble:
    return Trouble(ApiError(code, "Rate exceeded"))


def slow(seconds: float) -> Trouble:
    return Trouble(seconds=seconds)
