"""True answers with one fault planted in each: every one of them has to be caught."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from diagnose.diagnosis.schema import Citation, Command, Component, Diagnosis, Hop
from diagnose.evidence.prompt import Prompt
from tests.support.planted.answers import TRUE, alternative, answer, cited, entry, hop, reading
from tests.support.planted.incidents import Asked, asked

FOREIGN = ("inventory-api", "rates-cache-7", "Kafka", "eu-west-3")
"""Components that no incident has."""
FIGURE = re.compile(r"(?<![\w.:-])\d[\d,]*(?:\.\d+)?(?![\w:])")


@dataclass(frozen=True)
class Planted:
    """One answer with one fault: of which kind, and the check that has to see it, where one does."""

    incident: str
    kind: str
    number: int
    check: str
    diagnosis: Diagnosis
    prompt: Prompt

    def __str__(self) -> str:
        return f"{self.incident}: {self.kind} {self.number}"


@cache
def ungrounded() -> tuple[Planted, ...]:
    """All of them, of every kind, over all the incidents that can have the fault."""
    found = []
    for name, of in asked().items():
        for fault, check, plant in PLANTS:
            for number, diagnosis in enumerate(plant(TRUE[name](of), of), 1):
                found.append(Planted(name, fault, number, check, diagnosis, of.prompt))
    return tuple(found)


def _changed(diagnosis: Diagnosis, **changes: Any) -> Diagnosis:
    """With other parts of the answer, or of its primary cause."""
    ours = {name: value for name, value in changes.items() if name in Diagnosis.model_fields}
    primary = {name: value for name, value in changes.items() if name not in ours}
    return diagnosis.model_copy(update={**ours, "primary": diagnosis.primary.model_copy(update=primary)})


def _citing(diagnosis: Diagnosis, citation: Citation) -> Iterator[Diagnosis]:
    """The citation in each place that takes one."""
    yield _changed(diagnosis, evidence=[*diagnosis.primary.evidence, citation])
    yield _changed(diagnosis, alternatives=[alternative([citation])])
    yield _changed(diagnosis, alternatives=[alternative([], [citation])])


def _chained(diagnosis: Diagnosis, *chain: Hop) -> Diagnosis:
    named = [each.from_component for each in chain]
    components = [Component(name=name, role="cause") for name in dict.fromkeys(named)]
    return _changed(diagnosis, chain=list(chain), components=components)


def _false_id(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for id_ in ("M99", "L0", "m1", "M1, M2"):
        yield from _citing(true, cited(id_, "says so"))
    yield _changed(true, timeline=[entry("unknown", "it began", "Z1")])
    yield _changed(true, metric_readings=[reading("cpu", "1", "", "M77")])
    for place, each in enumerate(true.primary.chain):
        spoilt = each.model_copy(update={"evidence": [*each.evidence, "M4711"]})
        yield _changed(true, chain=[*true.primary.chain[:place], spoilt, *true.primary.chain[place + 1 :]])


def _figure_off(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    """A figure of each citation and reading with one digit changed."""
    for place, each in enumerate(true.primary.evidence):
        found = FIGURE.search(each.shows)
        if found:
            wrong = each.shows.replace(found[0], _off(found[0]), 1)
            citations = [*true.primary.evidence]
            citations[place] = cited(each.id, wrong)
            yield _changed(true, evidence=citations)
    for read in true.metric_readings:
        yield _changed(true, metric_readings=[read.model_copy(update={"value": _off(read.value)})])
    for item, shows in (
        ("M", ("MemoryUsed", "14.2 GB before")),
        ("M", ("MemoryUsed", "14,063,512,656 bytes")),
        ("M", ("MemoryUsed", "14.1 MB before")),
        ("M", ("MemoryUsed", "13.2 GiB")),
        ("M", ("Duration", "386 s")),
        ("M", ("Duration", "0.396 s")),
        ("M", ("ReplicaLag", "15 min")),
        ("M", ("TransactionLogs", "4.28 MB/s")),
        ("M", ("heartbeat_age", "about 740 s")),
        ("M", ("no departure", "9.94 %")),
    ):
        words, text = shows
        if any(words in line for line in of.prompt.evidence.values()):
            yield _changed(true, evidence=[cited(of.id_of(item, words), text)])


def _off(figure: str) -> str:
    """With another first digit."""
    place = next(index for index, letter in enumerate(figure) if letter.isdigit())
    return f"{figure[:place]}{(int(figure[place]) + 1) % 9 + 1}{figure[place + 1 :]}"


def _words_not_there(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    first = true.primary.evidence[0].id
    for words in ('"connection pool exhausted"', "`kernel panic`", "“out of memory … killed”"):
        yield from _citing(true, cited(first, f"it says {words}"))


def _foreign(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for name in FOREIGN:
        yield _changed(true, components=[Component(name=name, role="bystander")])


def _foreign_hop(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for each in true.primary.chain[:1]:
        for name in FOREIGN[:2]:
            yield _chained(true, each.model_copy(update={"from_component": name}))


def _foreign_metric(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for each in true.metric_readings:
        for name in ("GoroutineCount", "jvm_gc_pause"):
            yield _changed(true, metric_readings=[each.model_copy(update={"name": name})])


def _wrong_time(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for each in true.timeline:
        for at in ("2026-11-28T09:13:00Z", "07:31", "+51 min", "-3 h 20 min"):
            yield _changed(true, timeline=[each.model_copy(update={"at": at})])
    for place, step in enumerate(true.primary.chain):
        chain = [*true.primary.chain]
        chain[place] = step.model_copy(update={"how": f"{step.how}, from 04:44:10 on"})
        yield _changed(true, chain=chain)


def _guidance(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for id_ in of.prompt.evidence:
        if id_.startswith("G"):
            yield from _citing(true, cited(id_, "live points at the wrong version"))


def _absence(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for id_, text in of.prompt.evidence.items():
        if text.startswith(("could not look", "not asked")):
            for shows in (
                "there was no deployment",
                "nothing happened here",
                "the traces are clean",
                "all fine",
            ):
                yield from _citing(true, cited(id_, shows))
            yield _changed(true, timeline=[entry("unknown", "nothing was changed", id_)])


def _no_edge(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    """Both ends are in the evidence, and nothing connects them; the first deviates."""
    if of.name == "checkout":
        nightly = of.id_of("A", "reports-nightly")
        for end in ("tax-rates", "quote-rules", "checkout-api"):
            yield _chained(true, hop("reports-nightly-duration", end, "unknown", nightly))
    if of.name == "store":
        timed_out = of.id_of("L", "command dispatched failed")
        yield _chained(true, hop("tidb-2", "pd-1", "unknown", timed_out))


def _no_deviation(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    """The cause is there and connected, and well as far as anybody saw."""
    if of.name == "checkout":
        errors, started = of.id_of("M", "Errors Sum"), of.id_of("L", "INFO ready")
        yield _chained(true, hop("quote-rules", "checkout-quote", "unknown", started))
        yield _chained(true, hop("quote-rules", "checkout-quote", "unknown", of.id_of("N", "quote-rules")))
        yield _chained(true, hop("tax-rates", "checkout-quote", "unknown", of.id_of("L", "-> 200")))
        yield _chained(true, hop("tax-rates", "checkout-quote", "unknown", errors))
        yield _chained(true, hop("quote-rules", "checkout-quote", "unknown"))
    if of.name == "store":
        yield _chained(true, hop("tikv-1", "tikv-4", "unknown", of.id_of("T", "tikv-1")))
        yield _chained(true, hop("pd-2", "tikv-4", "unknown", of.id_of("L", "server is closed")))
    if of.name == "healthy":
        quiet = of.id_of("M", "no departure")
        yield _chained(
            true, hop("payments-api", "payments-prod", "unknown", of.id_of("T", "payments-api"), quiet)
        )
        yield _chained(true, hop("payments-prod", "payments-api", "unknown", quiet))


def _effect_first(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    if of.name == "checkout":
        late, errors, api = (
            of.id_of("H", "alias live"),
            of.id_of("M", "Errors Sum"),
            of.id_of("M", "5XXError"),
        )
        yield _chained(true, hop("checkout-quote", "checkout-api", "2026-11-28T11:51:00Z", late, api))
        yield _chained(true, hop("checkout-quote", "checkout-api", "(+5 min)", late, api))
        yield _chained(true, hop("checkout-quote", "checkout-api", "unknown", late, api))
        yield _chained(
            true,
            hop("checkout-quote", "checkout-quote", "2026-11-28T11:51:00Z", late),
            hop("checkout-quote", "checkout-api", "2026-11-28T11:46:00Z", errors, api),
        )
        slow = of.id_of("L", "-> 200")
        warned, refused = of.id_of("L", "WARN tax-rates"), of.id_of("L", "ERROR quote failed")
        yield _chained(true, hop("tax-rates", "checkout-quote", "11:56:00", warned, refused, slow, "L1"))
    if of.name == "replica":
        writes, lag = of.id_of("M", "WriteIOPS"), of.id_of("M", "ReplicaLag")
        for since in ("2026-11-28T11:49:00Z", "+3 min", "unknown"):
            yield _chained(true, hop("analytics-prod-replica-1", "analytics-prod", since, lag, writes))
    if of.name == "store":
        client, refused = of.id_of("L", "command dispatched failed"), of.id_of("L", "request failed")
        for since in ("2026-11-17T02:14:36.912Z", "unknown"):
            yield _chained(true, hop("tidb-2", "tikv-4", since, client, refused))


def _not_connected(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    chain = true.primary.chain
    if not chain:
        return
    last = chain[-1]
    back = last.model_copy(
        update={"from_component": last.to_component, "to_component": last.from_component, "since": "unknown"}
    )
    yield _changed(true, chain=[*chain, back])
    yield _changed(true, chain=[last, last])
    itself = last.model_copy(update={"to_component": last.from_component, "how": " "})
    yield _changed(true, chain=[itself, last])


def _hint_alone(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    for id_ in of.prompt.evidence:
        if id_.startswith("S"):
            yield _changed(true, evidence=[cited(id_, "rates-cache was down")])
            yield _chained(true, hop("tax-rates", "checkout-quote", "unknown", id_))


def _ticket_alone(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    told = of.id_of("E", "message: ")
    yield answer(evidence=[cited(told, "it says so")])
    yield answer(evidence=[cited(told, "it says so")], verdict="no_action")


def _nothing(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    yield answer()
    yield answer(verdict="no_action")
    yield answer(evidence=[cited("M99", "it is certain")])


def _no_chain(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    yield _changed(true, chain=[], verdict="action_required")


def _ill(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    if true.verdict != "no_action":
        yield _changed(true, verdict="no_action")


def _well(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    if true.verdict == "no_action":
        yield _changed(true, verdict="action_required")


def _not_reading(true: Diagnosis, of: Asked) -> Iterator[Diagnosis]:
    deciding = alternative().model_copy(update={"deciding_command": "kubectl delete pod checkout-0"})
    yield _changed(true).model_copy(update={"alternatives": [deciding]})
    restart = Command(command="systemctl restart checkout", purpose="p", changes="nothing", risk="none")
    yield _changed(true).model_copy(update={"commands": [restart]})


Plant = Callable[[Diagnosis, Asked], Iterator[Diagnosis]]
PLANTS: tuple[tuple[str, str, Plant], ...] = (
    ("false id", "id", _false_id),
    ("figure off by a digit", "figure", _figure_off),
    ("words that are not there", "words", _words_not_there),
    ("foreign component", "component", _foreign),
    ("foreign component in a hop", "component", _foreign_hop),
    ("foreign metric", "metric", _foreign_metric),
    ("wrong time", "time", _wrong_time),
    ("guidance cited", "guidance", _guidance),
    ("absence where nobody looked", "absence", _absence),
    ("hop without an edge", "edge", _no_edge),
    ("cause without a deviation", "deviation", _no_deviation),
    ("effect before its cause", "order", _effect_first),
    ("chain that does not hang together", "connected", _not_connected),
    ("a command that is said to read and changes", "command", _not_reading),
    ("an earlier diagnosis for proof", "hint", _hint_alone),
    ("the ticket's own words for proof", "", _ticket_alone),
    ("sure of nothing", "", _nothing),
    ("sure without a chain", "", _no_chain),
    ("no action while it is ill", "", _ill),
    ("an incident where all is well", "", _well),
)
"""Each fault, the check that sees it, and what plants it."""
