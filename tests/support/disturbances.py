"""What may happen while a ticket is diagnosed: somebody writes to it, AWS throttles, our code breaks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from diagnose.claude.attempt import ClaudeClient
from diagnose.diagnosis.answer import Answer
from diagnose.evidence.prompt import Prompt
from tests.support.invoked_pipeline import InvokedPipeline


@dataclass
class Meanwhile:
    """Claude, while somebody else does something to the ticket that it thinks about."""

    claude: ClaudeClient
    do: Callable[[], object]

    def ask(self, prompt: Prompt, max_tokens: int, timeout: float) -> Answer:
        answer = self.claude.ask(prompt, max_tokens, timeout)
        self.do()
        return answer

    def renew_key(self) -> bool:
        return self.claude.renew_key()


def meanwhile(pipeline: InvokedPipeline, do: Callable[[], object]) -> None:
    claude = Meanwhile(pipeline.diagnose_ticket.claude, do)
    pipeline.diagnose_ticket = replace(pipeline.diagnose_ticket, claude=claude)


def broken() -> NoReturn:
    raise RuntimeError("a bug of our own")


def throttled(*_: object, **__: object) -> NoReturn:
    error: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    raise ClientError(error, "UpdateItem")


def throttled_for(ticket_id: str, move: Callable[..., None]) -> Callable[..., None]:
    """The move of a ticket, given by its id or its item, which AWS throttles for this one ticket."""

    def moves(moved: Any, *others: Any) -> None:
        if ticket_id == (moved if isinstance(moved, str) else moved["ticket_id"]):
            throttled()
        move(moved, *others)

    return moves
