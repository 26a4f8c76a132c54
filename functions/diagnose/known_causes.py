"""Known causes: whether an earlier, confirmed diagnosis may be asked about before a full one is made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from diagnose.diagnosis.known.cause import NoKnownCauseError
from diagnose.diagnosis.known.choosing import chosen
from diagnose.diagnosis.known.deciding import question_about
from diagnose.diagnosis.known.question import Question
from diagnose.diagnosis.known.today import UnlikeError
from diagnose.evidence.prompt import Prompt
from diagnose.evidence.sections import Context
from diagnose.evidence.sources.similar import SimilarTickets
from runtime.clock import Clock
from runtime.observability import logger
from tickets.claim import Claim
from tickets.queries import TicketQueries
from tickets.ticket import Ticket


@dataclass(frozen=True)
class Recalled:
    """What became of looking for a known cause: a question, or why none is asked ("" if there was none)."""

    question: Question | None = None
    not_upheld: str = ""


@dataclass(frozen=True)
class KnownCauses:
    """Looks among the tickets alike that the evidence found; one may be `days` old, 0 looks at none."""

    queries: TicketQueries
    clock: Clock
    days: int = 0

    def recall(
        self, claim: Claim, ticket: Ticket, context: Context, prompt: Callable[[], Prompt]
    ) -> Recalled:
        """The question to ask before a full diagnosis, if everything but its answer speaks for it.

        `prompt` builds the full diagnosis's, which takes a while, and is called only where there is a cause.
        Never raises: whatever goes wrong here costs no more than the saving.
        """
        if not self.days or "rediagnose" in claim.item or not _were_looked_for(context):
            return Recalled()
        now = datetime.fromtimestamp(self.clock.now(), UTC)
        try:
            cause = chosen(
                ticket, claim.item, context.earlier, self.queries.get, now, timedelta(days=self.days)
            )
            return Recalled(question_about(cause, ticket, prompt())) if cause else Recalled()
        except NoKnownCauseError as none:
            logger.info("no known cause decides", reason=str(none))
            return Recalled()
        except UnlikeError as unlike:
            return Recalled(not_upheld=str(unlike))
        except Exception:  # noqa: BLE001 - whatever it is, a full diagnosis is made, which needs none of this
            logger.exception("a known cause could not be looked at")
            return Recalled()


def noted(reasons: Iterable[str]) -> list[str]:
    """The note on a full diagnosis that a known cause was not upheld before."""
    return [f"a known cause of this violation was not upheld: {reason}" for reason in reasons if reason]


def _were_looked_for(context: Context) -> bool:
    """Whether the tickets alike were read: else nobody knows what people have said of them."""
    return any(read.name == SimilarTickets.name and not read.unread for read in context.sources)
