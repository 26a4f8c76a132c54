"""A case asked of Claude once, by the way that the diagnose function asks, and its answer judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import sleep, time

from diagnose.claude.attempt import MOST_OUTPUT_TOKENS, ClaudeClient
from diagnose.claude.errors import (
    AmbiguousError,
    ClaudeError,
    Fault,
    NotTheSchemaError,
    SharedLimitError,
    TruncatedError,
)
from diagnose.claude.reading import read_diagnosis
from diagnose.diagnosis import findings
from diagnose.diagnosis.answer import Answer, Reply, total
from diagnose.diagnosis.checks.checking import check
from diagnose.settings import DiagnoseSettings
from local.claude.answers import MARK
from tests.evals.asked import Asked
from tests.evals.judged import Line, judge

CALL_SECONDS = 280.0
"""As long as a call may take in the function."""
LONGEST_WAIT_SECONDS = 120.0
MOST_WAITS = 4


@dataclass(frozen=True)
class Asking:
    """Asks with the settings of the deployed function; `wait` waits so many seconds."""

    claude: ClaudeClient
    settings: DiagnoseSettings
    wait: Callable[[float], None] = sleep

    def line(self, asked: Asked, repeat: int) -> Line:
        """The judged answer, or why there was none: an error costs the case, not the run.

        Raises the ClaudeError that would be the same for every case: of the key, the account, the settings.
        """
        line = Line(asked.case.name, asked.case.kind, repeat, None)
        answers: list[Answer] = []
        try:
            reply = self._reply(asked, answers)
        except ClaudeError as error:
            if error.fault is Fault.ACCOUNT:
                raise
            return replace(line, error=f"{error.kind}: {error}", used=total(answers))
        findings.of_diagnosis(asked.ticket, reply, "", time())  # it has to be rendered and stored, too
        return replace(
            line,
            judged=judge(asked.case, reply.checked),
            model=reply.answer.model,
            used=reply.used,
            is_of_stand_in=MARK in reply.answer.text,
        )

    def _reply(self, asked: Asked, answers: list[Answer]) -> Reply:
        """Asks again where the function would. What an answer took counts, whatever it was worth."""
        tried: set[str] = set()
        max_tokens, waits = self.settings.max_output_tokens, 0
        while True:
            try:
                answer = self.claude.ask(asked.prompt, max_tokens, CALL_SECONDS)
                answers.append(answer)
                checked = check(read_diagnosis(answer), asked.prompt)
                return Reply(checked, asked.prompt, answer, total(answers))
            except SharedLimitError as error:
                waits += 1
                if waits > MOST_WAITS:
                    raise
                self.wait(min(LONGEST_WAIT_SECONDS, max(1.0, (error.retry_at or 0.0) - time())))
            except (AmbiguousError, NotTheSchemaError, TruncatedError) as error:
                if error.kind in tried:
                    raise
                tried.add(error.kind)
                if isinstance(error, TruncatedError):
                    max_tokens = min(MOST_OUTPUT_TOKENS, 2 * max_tokens)
