"""A message as the API documents it. What the SDK returns need not be one: it checks nothing of an answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TOKENS = 10**9
Name = Annotated[str, Field(max_length=200)]
Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]


class _Documented(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Usage(_Documented):
    """What is billed."""

    input_tokens: Tokens
    output_tokens: Tokens
    cache_creation_input_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None

    @property
    def written(self) -> int:
        """Tokens that went into the cache."""
        return self.cache_creation_input_tokens or 0

    @property
    def read(self) -> int:
        """Tokens that came out of the cache."""
        return self.cache_read_input_tokens or 0


class Block(_Documented):
    """A part of the content; those without text are none of ours."""

    type: str
    text: str = ""


class Message(_Documented):
    """An answer."""

    type: Literal["message"]
    model: Name
    stop_reason: Name | None
    content: list[Block]
    usage: Usage

    @property
    def text(self) -> str:
        return "".join(block.text for block in self.content if block.type == "text")
