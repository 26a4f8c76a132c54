"""What is gathered around a ticket: every source at once, and none that can cost the diagnosis."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO

import pytest

from diagnose.evidence.gathering import SOURCE_SECONDS, SwitchedOff, gather
from diagnose.evidence.incident import Incident
from diagnose.evidence.inline import told_by
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Context
from runtime.aws import POOL_CONNECTIONS, QUICK_CALL_SECONDS
from tests.support.incidents import Says, incident, section
from tickets.ticket import BadTicketError

INCIDENT = incident()


class Fails:
    """A source that raises."""

    name = "metrics"
    seconds = SOURCE_SECONDS

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        raise ConnectionError(f"no route to the metrics of {incident.ticket.message}")


class Hangs:
    """A source that answers only when it is let go."""

    name = "topology"
    seconds = 0.05

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        self.let_go.wait(30)
        return [Found((section("topology", "too late"),))]


class Meets:
    """Sources that answer only once all of them are being read."""

    seconds = 15.0

    def __init__(self, name: str, barrier: threading.Barrier) -> None:
        self.name = name
        self._barrier = barrier

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        self._barrier.wait(timeout=10)
        return [Found((section(self.name, "met"),))]


class LooksAtTheClock:
    """A source of many calls that ends with what it has when its time is over."""

    name = "logs"
    seconds = QUICK_CALL_SECONDS + 0.2

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        pages = 0
        while until() > 0.1:
            pages += 1
            time.sleep(0.01)
        return [Found((section("logs", f"pages: {pages}"),)), CouldNotLook("the rest", "out of time")]


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
    return [section.name for section in context.sections if section.name != "onset"]


def test_sections_stand_in_the_order_of_the_prompt_whoever_answers_first() -> None:
    sources = [
        Says.lines("similar", "a", prefix="S"),
        Says.lines("odd", "b", prefix="Z"),
        Says.lines("logs", "c", prefix="L"),
        Says.lines("metrics", "d", prefix="M"),
    ]

    context = gather(INCIDENT, [told_by(INCIDENT.ticket)], sources)

    assert names(context) == ["ticket", "metrics", "logs", "similar", "odd"]
    assert context.gaps == ()


def test_of_a_section_without_a_line_nothing_is_shown() -> None:
    both = Says("logs", (Found((section("logs", "a"), section("empty"))),))

    assert names(gather(INCIDENT, (), [both])) == ["logs"]


def test_without_any_source_there_is_the_onset_and_no_fault() -> None:
    context = gather(INCIDENT, (), [])

    assert [section.lines for section in context.sections] == [
        (
            "onset: 2026-11-28T02:30:00Z (at the onset), no time is known, so that of the diagnosis is taken",
            "looked at: 2026-11-28T02:30:00Z (at the onset)",
        )
    ]
    assert context.gaps == ()


def test_what_a_source_forgot_to_redact_or_to_clean_is_redacted_and_cleaned() -> None:
    context = gather(
        INCIDENT, (), [Says.lines("logs", "login of bob@" + "example.com\n[E1] message: ok\x00")]
    )

    assert context.sections[-1].lines == ("login of [redacted email 1]\n  [E1] message: ok",)


def test_a_source_that_is_switched_off_is_not_asked() -> None:
    assert gather(INCIDENT, (), [SwitchedOff("metrics"), SwitchedOff("logs")]).gaps == (
        "not asked: metrics, logs (switched off)",
    )


def test_a_source_of_many_calls_knows_when_to_end_and_keeps_what_it_has() -> None:
    context = gather(INCIDENT, (), [LooksAtTheClock()])

    assert names(context) == ["logs"]
    assert context.gaps == ("could not look: the rest: out of time",)


def test_a_source_that_ends_late_costs_only_itself_and_only_its_own_time(hangs: Hangs) -> None:
    meets = Meets("metrics", threading.Barrier(1))

    context = gather(INCIDENT, (), [hangs, meets])

    took = {read.name: read.seconds for read in context.sources}
    assert took["topology"] == hangs.seconds
    assert {read.name: read.unread for read in context.sources} == {"topology": True, "metrics": False}


def test_sources_are_read_at_the_same_time() -> None:
    barrier = threading.Barrier(3)

    context = gather(INCIDENT, (), [Meets(f"s{number}", barrier) for number in range(3)])

    assert names(context) == ["s0", "s1", "s2"]


def test_a_failing_source_costs_one_line_that_does_not_repeat_what_it_said() -> None:
    context = gather(INCIDENT, (), [Says.lines("ticket", "a"), Fails()])

    assert names(context) == ["ticket"]
    assert context.gaps == ("could not look: metrics: faulty: ConnectionError",)


def test_a_failing_source_is_logged_without_the_text_of_the_ticket(logged: StringIO) -> None:
    gather(INCIDENT, (), [Fails()])

    assert '"error":"ConnectionError"' in logged.getvalue()
    assert INCIDENT.ticket.message not in logged.getvalue()


def test_a_hanging_source_costs_one_line_and_no_more_than_its_time(hangs: Hangs) -> None:
    started = time.monotonic()

    context = gather(INCIDENT, (), [hangs, Says.lines("ticket", "a")])

    assert time.monotonic() - started < 5
    assert names(context) == ["ticket"]
    assert context.gaps == ("could not look: topology: no answer within 0.05 s",)


def test_failing_and_hanging_sources_together_cost_a_line_each(hangs: Hangs) -> None:
    context = gather(INCIDENT, (), [Fails(), hangs, Says.lines("ticket", "a")])

    assert names(context) == ["ticket"]
    assert context.gaps == (
        "could not look: metrics: faulty: ConnectionError",
        "could not look: topology: no answer within 0.05 s",
    )


def test_the_tickets_own_sections_come_first_and_wait_for_no_source(hangs: Hangs) -> None:
    context = gather(INCIDENT, [told_by(INCIDENT.ticket)], [hangs, Says.lines("logs", "a")])

    assert names(context) == ["ticket", "logs"]


def test_a_ticket_whose_own_context_cannot_be_read_is_refused() -> None:
    broken = INCIDENT.ticket.model_copy(update={"topology": 5})

    with pytest.raises(BadTicketError, match="own context cannot be read"):
        told_by(broken)


def test_when_every_source_has_answered_no_thread_is_left() -> None:
    threads = threading.active_count()

    gather(INCIDENT, [], [Says.lines("metrics", "a"), Fails(), Says.lines("logs", "b")])

    assert threading.active_count() == threads


def test_a_source_that_hangs_for_many_tickets_holds_one_thread(hangs: Hangs) -> None:
    threads = threading.active_count()

    contexts = [gather(INCIDENT, [], [hangs, Says.lines("logs", "a")]) for _ in range(5)]

    assert threading.active_count() == threads + 1
    assert all(names(context) == ["logs"] for context in contexts)
    assert contexts[-1].gaps == (
        "could not look: topology: no answer yet to what was asked for an earlier ticket",
    )


def test_a_source_that_hung_is_asked_again_once_it_has_ended(hangs: Hangs) -> None:
    threads = threading.active_count()
    gather(INCIDENT, [], [hangs])
    hangs.let_go.set()
    wait_until(lambda: threading.active_count() == threads)

    assert names(gather(INCIDENT, [], [hangs])) == ["topology"]


def test_no_more_is_read_at_once_than_a_client_has_connections() -> None:
    at_once = Counted()

    gather(INCIDENT, [], [CountedSource(f"s{number}", at_once) for number in range(3 * POOL_CONNECTIONS)])

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

    seconds = SOURCE_SECONDS

    def __init__(self, name: str, counted: Counted) -> None:
        self.name = name
        self._counted = counted

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        with self._counted.one():
            time.sleep(0.01)
        return [FoundNothing(self.name)]
