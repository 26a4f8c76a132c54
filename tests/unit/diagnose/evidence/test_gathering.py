"""What is gathered around a ticket: every source at once, and none that can cost the diagnosis."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, cast

import pytest

from diagnose.evidence.gathering import Source, gather
from diagnose.evidence.inline import sections_of
from diagnose.evidence.redaction.redactor import Redact, Redactor
from diagnose.evidence.sections import Context, Section
from diagnose.evidence.similar import SIMILAR_CHARS, SimilarTickets
from runtime.aws import POOL_CONNECTIONS
from tickets.queries import TicketQueries
from tickets.ticket import BadTicketError, Ticket

TICKET = Ticket.from_item(
    {"ticket_id": "t-9", "status": "open", "invariant_name": "disk_latency", "message": "slow"}
)


class Answers:
    """A source that answers at once."""

    def __init__(self, name: str, *lines: str) -> None:
        self.name = name
        self._sections = [Section(name, name.title(), name[0].upper(), lines)]

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]:
        return self._sections


class Fails:
    """A source that raises."""

    name = "metrics"

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]:
        raise ConnectionError(f"no route to the metrics of {ticket.message}")


def test_what_a_source_forgot_to_redact_is_redacted() -> None:
    context = gather(TICKET, (), [Answers("logs", "login of bob@" + "example.com")])

    assert context.sections[0].lines == ("login of [redacted email 1]",)


class Hangs:
    """A source that answers only when it is let go."""

    name = "topology"

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]:
        self.let_go.wait(30)
        return [Section("topology", "Topology", "T", ("too late",))]


class Meets:
    """Sources that answer only once all of them are being read."""

    def __init__(self, name: str, barrier: threading.Barrier) -> None:
        self.name = name
        self._barrier = barrier

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]:
        self._barrier.wait(timeout=10)
        return [Section(self.name, self.name, "T", ("met",))]


@pytest.fixture
def hangs() -> Iterator[Hangs]:
    source, threads = Hangs(), threading.active_count()
    yield source
    source.let_go.set()
    wait_until(lambda: threading.active_count() == threads)


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def names(context: Context) -> list[str]:
    return [section.name for section in context.sections]


def test_the_sections_come_in_the_order_of_their_sources() -> None:
    context = gather(TICKET, (), [Answers("ticket", "a"), Answers("logs", "b"), Answers("metrics", "c")])

    assert names(context) == ["ticket", "logs", "metrics"]
    assert context.unavailable == ()


def test_sections_without_a_line_are_left_out() -> None:
    assert names(gather(TICKET, (), [Answers("ticket", "a"), Answers("logs")])) == ["ticket"]


def test_without_any_source_there_is_nothing_and_no_fault() -> None:
    assert gather(TICKET, (), []) == Context((), ())


def test_sources_are_read_at_the_same_time() -> None:
    barrier = threading.Barrier(3)

    context = gather(TICKET, (), [Meets(f"s{number}", barrier) for number in range(3)])

    assert names(context) == ["s0", "s1", "s2"]


def test_a_failing_source_costs_one_line_that_does_not_repeat_what_it_said() -> None:
    context = gather(TICKET, (), [Answers("ticket", "a"), Fails()])

    assert names(context) == ["ticket"]
    assert context.unavailable == ("metrics: ConnectionError",)


def test_a_failing_source_is_logged_without_the_text_of_the_ticket(logged: StringIO) -> None:
    gather(TICKET, (), [Fails()])

    assert '"error":"ConnectionError"' in logged.getvalue()
    assert TICKET.message not in logged.getvalue()


def test_a_hanging_source_costs_one_line_and_no_more_than_its_time(hangs: Hangs) -> None:
    started = time.monotonic()

    context = gather(TICKET, (), [hangs, Answers("ticket", "a")], seconds=0.05)

    assert time.monotonic() - started < 5
    assert names(context) == ["ticket"]
    assert context.unavailable == ("topology: no answer within 0.05 s",)


def test_failing_and_hanging_sources_together_cost_a_line_each(hangs: Hangs) -> None:
    context = gather(TICKET, (), [Fails(), hangs, Answers("ticket", "a")], seconds=0.05)

    assert names(context) == ["ticket"]
    assert context.unavailable == ("metrics: ConnectionError", "topology: no answer within 0.05 s")


def test_the_tickets_own_sections_come_first_and_wait_for_no_source(hangs: Hangs) -> None:
    context = gather(TICKET, sections_of(TICKET), [hangs, Answers("logs", "a")], seconds=0.05)

    assert names(context) == ["ticket", "logs"]


def test_a_ticket_whose_own_context_cannot_be_read_is_refused() -> None:
    broken = TICKET.model_copy(update={"topology": 5})

    with pytest.raises(BadTicketError, match="own context cannot be read"):
        sections_of(broken)


def test_when_every_source_has_answered_no_thread_is_left() -> None:
    threads = threading.active_count()

    gather(TICKET, [], [Answers("metrics", "a"), Fails(), Answers("logs", "b")])

    assert threading.active_count() == threads


def test_a_source_that_hangs_for_many_tickets_holds_one_thread(hangs: Hangs) -> None:
    threads = threading.active_count()

    contexts = [gather(TICKET, [], [hangs, Answers("logs", "a")], seconds=0.05) for _ in range(5)]

    assert threading.active_count() == threads + 1
    assert all(names(context) == ["logs"] for context in contexts)
    assert contexts[-1].unavailable == ("topology: no answer yet to what was asked for an earlier ticket",)


def test_a_source_that_hung_is_asked_again_once_it_has_ended(hangs: Hangs) -> None:
    threads = threading.active_count()
    gather(TICKET, [], [hangs], seconds=0.05)
    hangs.let_go.set()
    wait_until(lambda: threading.active_count() == threads)

    assert names(gather(TICKET, [], [hangs])) == ["topology"]


def test_no_more_is_read_at_once_than_a_client_has_connections() -> None:
    at_once = Counted()

    gather(TICKET, [], [CountedSource(f"s{number}", at_once) for number in range(3 * POOL_CONNECTIONS)])

    assert at_once.most <= POOL_CONNECTIONS


class Counted:
    """How many are being read at once, and the most there were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        yield
        with self._lock:
            self._now -= 1


class CountedSource:
    """A source that takes a moment."""

    def __init__(self, name: str, counted: Counted) -> None:
        self.name = name
        self._counted = counted

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]:
        with self._counted.one():
            time.sleep(0.01)
        return []


class Diagnosed:
    """A store with diagnosed tickets; keeps what it was asked."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self._items = items

    def similar_to(self, similar_key: str, ticket_id: str, limit: int = 3) -> list[dict[str, Any]]:
        return [
            item
            for item in self._items
            if item["similar_key"] == similar_key and item["ticket_id"] != ticket_id
        ]


def similar(*items: dict[str, Any]) -> list[Section]:
    keyed = [{"similar_key": "disk_latency", **item} for item in items]
    return SimilarTickets(cast("TicketQueries", Diagnosed(*keyed))).read(TICKET, Redactor())


def earlier(ticket_id: str, diagnosed_at: str = "2026-11-01T00:00:00.000Z", **record: Any) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "component": "tikv-4",
        "diagnosed_at": diagnosed_at,
        "diagnosis_record": {
            "primary": {"diagnosis": "a worn disk", "confidence": "high"},
            "recommended_action": "replace it",
            **record,
        },
    }


class TestSimilarTickets:
    def test_each_earlier_ticket_is_one_line_with_its_cause_and_action(self) -> None:
        [section] = similar(earlier("t-1"))

        assert section.lines == (
            (
                "t-1: on tikv-4, diagnosed 2026-11-01T00:00:00.000Z: a worn disk (confidence high); "
                "recommended: replace it"
            ),
        )

    def test_they_stay_in_the_order_in_which_the_store_gives_them(self) -> None:
        [section] = similar(earlier("t-3"), earlier("t-1"), earlier("t-2"))

        assert [line.partition(":")[0] for line in section.lines] == ["t-3", "t-1", "t-2"]

    def test_a_secret_is_taken_out_before_a_long_record_is_cut(self) -> None:
        secret = "gh" + "p_" + "a1B2" * 9
        for length in range(SIMILAR_CHARS - 200, SIMILAR_CHARS):
            [section] = similar(earlier("t-1", recommended_action=f"{'x' * length} {secret}"))

            assert "gh" + "p_" not in section.lines[0]

    def test_the_numbers_of_an_earlier_prompts_placeholders_are_left_out(self) -> None:
        [section] = similar(earlier("t-1", recommended_action="revoke [redacted password 3]"))

        assert section.lines[0].endswith("revoke [redacted password]")

    def test_a_long_record_is_cut(self) -> None:
        [section] = similar(earlier("t-1", recommended_action="x" * 5000))

        assert len(section.lines[0]) <= SIMILAR_CHARS + len("t-1: ")

    @pytest.mark.parametrize("record", [None, "text", {}, {"primary": "text"}, {"primary": None}], ids=str)
    def test_a_record_of_another_shape_does_not_cost_the_others(self, record: object) -> None:
        [section] = similar({"ticket_id": "t-1", "diagnosis_record": record}, earlier("t-2"))

        assert section.lines[-1].startswith("t-2: on tikv-4")

    def test_a_source_of_similar_tickets_whose_table_is_away_costs_one_line(self) -> None:
        sources: list[Source] = [SimilarTickets(cast("TicketQueries", None))]

        context = gather(TICKET, sections_of(TICKET), sources)

        assert names(context) == ["ticket"]
        assert context.unavailable == ("similar tickets: AttributeError",)
