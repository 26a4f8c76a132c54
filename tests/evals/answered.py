"""A case asked of Claude once, by the way that the diagnose function asks, and its answer judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import sleep, time

from diagnose.claude.attempt import ClaudeClient
from diagnose.claude.errors import AmbiguousError, ClaudeError, NotTheSchemaError, SharedLimitError
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
MOST_CALLS = 4


@dataclass(frozen=True)
class Asking:
    """Asks with the settings of the deployed function; `wait` waits so many seconds."""

    claude: ClaudeClient
    settings: DiagnoseSettings
    wait: Callable[[float], None] = sleep

    def line(self, asked: Asked, repeat: int) -> Line:
        """The judged answer, or why there was none: an error costs the case, not the run."""
        line = Line(asked.case.name, asked.case.kind, repeat, None)
        answers: list[Answer] = []
        try:
            reply = self._reply(asked, answers)
        except ClaudeError as error:
            return replace(line, error=f"{error.kind}: {error}", used=total(answers))
        findings.of_diagnosis(asked.ticket, reply, "", time())  # it has to be rendered and stored, too
        judged = judge(asked.case, reply.checked)
        return replace(
            line,
            judged=judged,
            model=reply.answer.model,
            used=reply.used,
            is_of_stand_in=MARK in reply.answer.text,
        )

    def _reply(self, asked: Asked, answers: list[Answer]) -> Reply:
        """Asks again where that makes sense. What an answer took counts, whatever it was worth."""
        tried: set[str] = set()
        while True:
            try:
                answer = self.claude.ask(asked.prompt, self.settings.max_output_tokens, CALL_SECONDS)
                answers.append(answer)
                return Reply(
                    check(read_diagnosis(answer), asked.prompt), asked.prompt, answer, total(answers)
                )
            except SharedLimitError as error:
                tried.add(f"wait {len(tried)}")
                if len(tried) >= MOST_CALLS:
                    raise
                self.wait(min(LONGEST_WAIT_SECONDS, max(1.0, (error.retry_at or 0.0) - time())))
            except (AmbiguousError, NotTheSchemaError) as error:
                if error.kind in tried or len(tried) >= MOST_CALLS:
                    raise
                tried.add(error.kind)
