"""What a polling daemon does, for comparison: the SDK's default retries, then a minute's sleep."""

import random

from diagnose.claude.errors import AmbiguousError, SharedLimitError
from diagnose.evidence.prompt import Prompt
from tests.benchmarks.simulated_claude import SimulatedClaude

SDK_RETRIES = 2
SDK_FIRST_BACKOFF_SECONDS = 0.5
RATE_LIMIT_SLEEP_SECONDS = 60.0


def drain(claude: SimulatedClaude, tickets: int, concurrency: int) -> float:
    """Diagnoses every ticket; returns the seconds that it took."""
    left = list(range(tickets))
    started = claude.time.now()
    jitter = random.Random(11)

    def work() -> None:
        while left:
            prompt = Prompt("", f"ticket {left.pop()}", {}, ())
            while not _diagnosed(claude, prompt, jitter):
                claude.time.sleep(RATE_LIMIT_SLEEP_SECONDS)

    for _ in range(concurrency):
        claude.time.spawn(work)
    claude.time.run()
    return claude.time.now() - started


def _diagnosed(claude: SimulatedClaude, prompt: Prompt, jitter: random.Random) -> bool:
    for attempt in range(SDK_RETRIES + 1):
        try:
            claude.ask(prompt, 8000, 600.0)
        except SharedLimitError as error:
            wait = SDK_FIRST_BACKOFF_SECONDS * 2**attempt * (1 - 0.25 * jitter.random())
            if error.retry_at is not None:
                wait = error.retry_at - claude.time.now()
        except AmbiguousError:
            wait = SDK_FIRST_BACKOFF_SECONDS * 2**attempt
        else:
            return True
        if attempt < SDK_RETRIES:
            claude.time.sleep(wait)
    return False
