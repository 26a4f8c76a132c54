"""What the environment tells the diagnose function."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from diagnose.evidence.redaction.redactor import KINDS
from runtime.settings import Settings


def _kinds(value: Any) -> Any:
    """Kinds of secrets, as text with commas between them."""
    if not isinstance(value, str):
        return value
    kinds = [kind for part in value.split(",") if (kind := part.strip())]
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"some of {', '.join(KINDS)}, which {', '.join(wrong)} is not")
    return frozenset(kinds)


NEEDED = {
    "anthropic": ("anthropic_secret_id",),
    "bedrock": ("aws_region",),
    "aws": ("aws_region", "workspace_id"),
}
"""Which settings only the way to Claude decides about."""


class DiagnoseSettings(Settings):
    """The model and its limits; prices are US dollars for a million tokens."""

    retry_queue_url: str
    dead_letter_queue_url: str
    claude_provider: Literal["anthropic", "bedrock", "aws"] = "anthropic"
    anthropic_secret_id: str = Field("", validate_default=True)
    workspace_id: str = Field("", validate_default=True)
    anthropic_base_url: str = ""
    model: str
    effort: Literal["low", "medium", "high", "xhigh", "max"] = "medium"
    max_output_tokens: int = Field(8000, ge=1024, le=21_000)
    reopen_cooldown_seconds: float = Field(3600.0, ge=0)
    prompt_tokens: int = Field(30_000, ge=2000, le=500_000)
    ask_again: bool = False
    known_cause_days: int = Field(30, ge=0, le=365)
    redaction_off: Annotated[frozenset[str], BeforeValidator(_kinds)] = frozenset()
    subjects_table: str = ""
    account: str = ""
    aws_region: str = Field("", validate_default=True)
    read_metrics: bool = True
    read_alarms: bool = True
    read_logs: bool = True
    read_changes: bool = True
    read_neighbours: bool = True
    read_similar: bool = True
    read_health: bool = False
    read_traces: bool = False
    read_template: bool = False
    daily_spend_cap_usd: float = Field(0.0, ge=0)
    price_input_usd_per_mtok: float = Field(2.0, ge=0)
    price_output_usd_per_mtok: float = Field(10.0, ge=0)

    @field_validator("anthropic_secret_id", "workspace_id", "aws_region")
    @classmethod
    def _is_there_if_needed(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name in NEEDED.get(info.data.get("claude_provider", ""), ()):
            raise PydanticCustomError("missing", "Field required")
        return value
