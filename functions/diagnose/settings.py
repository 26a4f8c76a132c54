"""What the environment tells the diagnose function."""

from typing import Literal

from pydantic import Field

from runtime.settings import Settings


class DiagnoseSettings(Settings):
    """The model and its limits; prices are US dollars for a million tokens."""

    retry_queue_url: str
    dead_letter_queue_url: str
    anthropic_secret_id: str
    anthropic_base_url: str = "https://api.anthropic.com"
    model: str
    effort: Literal["low", "medium", "high", "xhigh", "max"] = "medium"
    max_output_tokens: int = Field(8000, ge=1024, le=21_000)
    reopen_cooldown_seconds: float = Field(3600.0, ge=0)
    prompt_tokens: int = Field(30_000, ge=2000, le=500_000)
    daily_spend_cap_usd: float = Field(0.0, ge=0)
    price_input_usd_per_mtok: float = Field(2.0, ge=0)
    price_output_usd_per_mtok: float = Field(10.0, ge=0)
