"""What Claude is asked in one attempt, and what is asked instead when that does not fit or fails a check."""

from dataclasses import dataclass, replace

from diagnose.evidence.prompt import FRAME_TOKENS, Prompt, build_prompt, with_failures
from diagnose.evidence.sections import Context


@dataclass(frozen=True)
class Request:
    """What is asked: the context, what of the ticket was unusable, and the limits.

    `ask_again`: an answer in which a check failed is asked for once more. `failed` is what the model is then
    told of the answer before.
    """

    context: Context
    unusable: tuple[str, ...]
    prompt_tokens: int
    max_output_tokens: int
    ask_again: bool = False
    failed: tuple[str, ...] = ()

    @property
    def prompt(self) -> Prompt:
        return with_failures(build_prompt(self.context, self.unusable, self.prompt_tokens), self.failed)

    def with_half_the_evidence(self) -> "Request":
        """Half of what it holds now, which may be far below its budget."""
        tokens = min(self.prompt_tokens, self.prompt.tokens)
        return replace(self, prompt_tokens=(FRAME_TOKENS + tokens) // 2)
