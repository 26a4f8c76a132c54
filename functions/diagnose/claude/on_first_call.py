"""Claude, not there before it is called.

The SDK is three quarters of what the function imports. A record that needs no call, such as a duplicate or
one that meets a closed gate, does without.
"""

from collections.abc import Callable

from diagnose.claude.attempt import ClaudeClient
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt


class OnFirstCall:
    """Builds the client when it is first asked, and keeps it."""

    def __init__(self, build: Callable[[], ClaudeClient]) -> None:
        self._build = build
        self._client: ClaudeClient | None = None

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        return self._built().ask(prompt, max_tokens, timeout)

    def renew_key(self) -> bool:
        return self._built().renew_key()

    def _built(self) -> ClaudeClient:
        self._client = self._client or self._build()
        return self._client
