"""What is caught of a corpus of secrets, what is taken for one, and what redaction costs.

Bars: 60 of 60 secrets, at most 2 of 60 look-alikes, 1 ms for each KB of a log. Written to docs/benchmarks.md.
"""

import json
import time
from collections.abc import Callable

from diagnose.evidence.redaction.redactor import Redactor
from local.demo.events import load_ticket
from tests.benchmarks.page import machine, table, write_section
from tests.support.secret_corpus import FORMS, LOOK_ALIKES, POSITIVES, is_told

KB = 256
LOG = str(load_ticket("rds-connections-exhausted")["log_tail"])
TEXTS = {
    "a log without secrets": LOG,
    "the same as JSON in JSON": json.dumps(json.dumps(LOG)),
    "the corpus, again and again": "\n".join(positive.text for positive in POSITIVES),
    "hostile: the beginnings of every rule": 'password="AKIA sk- eyJ @ :// -----BEGIN cookie: a=b ',
    "hostile: one letter": "a",
    "hostile: escapes": '\\"%25',
}
TITLE = "Redaction"
INTRODUCTION = """\
Written by `make bench ONLY=redaction`. A corpus of {count} made-up secrets, each in {forms} forms, and
{alike} harmless texts that look like secrets. A secret is caught when neither half of it is left; a false
alarm is a harmless text that is changed. Then processor time, for {kb} KB of text. {machine}.
"""


def microseconds_per_kb(text: str) -> float:
    whole = (text * (KB * 1024 // len(text) + 1))[: KB * 1024]
    started = time.process_time()
    Redactor()(whole)
    return (time.process_time() - started) * 1e6 / KB


def caught(form: Callable[..., str]) -> int:
    return sum(not is_told(positive, Redactor()(form(positive))) for positive in POSITIVES)


def bench_redaction() -> None:
    found = {name: caught(form) for name, form in FORMS.items()}
    alarms = sum(Redactor()(text) != text for text in LOOK_ALIKES)
    costs = {name: microseconds_per_kb(text) for name, text in TEXTS.items()}
    introduction = INTRODUCTION.format(
        count=len(POSITIVES), forms=len(FORMS), alike=len(LOOK_ALIKES), kb=KB, machine=machine()
    )
    caught_table = table(
        ["secrets", f"caught of {len(POSITIVES)}"], [[name, str(count)] for name, count in found.items()]
    )
    cost_table = table(["text", "µs per KB"], [[name, f"{cost:.0f}"] for name, cost in costs.items()])
    false = f"False alarms: {alarms} of {len(LOOK_ALIKES)} look-alikes."
    report = f"{introduction}\n{caught_table}\n\n{false}\n\n{cost_table}\n"
    print(f"\n{report}")
    write_section(TITLE, report)

    assert set(found.values()) == {len(POSITIVES)}
    assert alarms <= 2
    assert costs["a log without secrets"] <= 1000
