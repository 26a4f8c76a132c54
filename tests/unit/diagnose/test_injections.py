"""Attempts in every place that data comes from: data in the prompt, and only words in the diagnosis."""

import re
from functools import cache
from typing import Any

import pytest

from diagnose.diagnosis.answer import Reply
from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.findings import of_diagnosis
from diagnose.diagnosis.schema import Citation, Diagnosis
from diagnose.evidence.gathering import gather
from diagnose.evidence.inline import told_by
from diagnose.evidence.lines import one_item
from diagnose.evidence.looked import CouldNotLook, Found, Looked
from diagnose.evidence.pretended_ids import PRETENDED
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.redaction.redactor import KINDS, Redactor
from diagnose.evidence.sections import Section
from runtime.characters import clean
from tests.support.answers import ANSWER
from tests.support.diagnoses import diagnosis_of
from tests.support.incidents import Says, incident
from tests.support.injections import INJECTIONS, PRETENDED_IDS
from tests.support.markdown_renderers import RENDERERS, page_of

BRACKETS = re.compile(r"[()\[\]\uff3b\uff3d\u3010\u3011\s]")
"""What the prompt changes of a text: brackets around ids, and where its lines begin."""
ID = re.compile(r"\[(\w\d+)\]")
OURS = {"h2", "h3", "p", "strong", "ul", "li", "pre"}
NAMES = ("tag", "alarm", "runbook", "similar", "user agent")


def carried(text: str) -> tuple[dict[str, Any], list[Looked]]:
    """The text as a ticket's attributes, and as what sources found that cleaned nothing."""
    attributes: dict[str, Any] = {
        "message": f"slow {text}",
        "component": f"tikv {text}",
        "metric_snapshot": {f"cpu {text}": 5, "level": text},
        "topology": {f"up {text}": [text]},
        "log_tail": f"GET / {text}\nlast",
        "subject_context": f"about {text}",
    }
    found = [
        Found((Section(name, f"{name} {text}", prefix, (f"{name} {text}", text)),))
        for name, prefix in zip(NAMES, "HAGSL", strict=True)
    ]
    return attributes, [*found, CouldNotLook(f"place {text}", f"why {text}")]


@cache
def prompt_with(text: str) -> Prompt:
    attributes, looked = carried(text)
    told = incident(**attributes)
    context = gather(told, [told_by(told.ticket)], [Says("all", tuple(looked))], Redactor(KINDS))
    return build_prompt(context, (text,), 100_000)


def squeezed(text: str) -> str:
    return BRACKETS.sub("", text)


@pytest.mark.parametrize("text", INJECTIONS)
def test_in_the_prompt_it_is_data_behind_a_true_id_inside_the_fence(text: str) -> None:
    prompt = prompt_with(text)
    seen: list[str] = []
    for part in (prompt.standing, prompt.user):
        opening, *lines, closing = part.splitlines()[2:]
        assert re.fullmatch(r"<(system|evidence) [0-9a-f]{24}>", opening)
        assert closing == opening.replace("<", "</", 1)
        assert opening not in lines
        assert closing not in lines
        for line in lines:
            assert re.match(r"\[[A-Z]\d+\] |  |## |$", line)
        seen += ID.findall("\n".join(lines))

    assert seen == list(prompt.evidence)
    assert not any(PRETENDED.search(line) for line in prompt.evidence.values())


@pytest.mark.parametrize("text", INJECTIONS)
def test_in_the_prompt_all_its_visible_words_are_there(text: str) -> None:
    prompt = prompt_with(text)
    whole, log = squeezed(prompt.standing + prompt.user), squeezed(str(list(prompt.evidence.values())))

    for name in ("slow", "tag", "alarm", "runbook", "similar", "user agent"):
        assert squeezed(f"{name} {one_item(text)}") in whole
    for line in clean(text).split("\n"):
        assert squeezed(line).replace("\\", "") in log.replace("\\", "")


@pytest.mark.parametrize("text", PRETENDED_IDS)
def test_an_id_that_data_pretends_to_have_is_not_there_to_be_cited(text: str) -> None:
    told = incident(message=text, log_tail=text)
    prompt = build_prompt(gather(told, [told_by(told.ticket)], ()), (), 100_000)

    assert prompt.evidence.keys() & {"M1", "M2", "X1"} == set()
    assert ID.findall(prompt.user) == list(prompt.evidence)

    primary = diagnosis_of().primary.model_copy(update={"evidence": [Citation(id="M1", shows="cpu = 5 %")]})
    found = written(diagnosis_of().model_copy(update={"primary": primary}), prompt)
    assert "cites M1, which is not in the evidence" in found


def written(diagnosis: Diagnosis, prompt: Prompt) -> str:
    """The Markdown of a diagnosis after the checks."""
    told = incident()
    reply = Reply(check(diagnosis, prompt), prompt, ANSWER, ANSWER.used)
    return str(of_diagnosis(told.ticket, reply, "v1", 0.0, ["a note"])["diagnosis"])


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_model_that_repeats_it_everywhere_makes_nothing_act(text: str) -> None:
    prompt = prompt_with(text)
    markdown = written(diagnosis_of(lambda _text: text, command=text), prompt)

    for name in ("markdown-it with linkify, tables and typography", "GitHub's cmark with autolinks"):
        elements, words = page_of(RENDERERS[name](markdown))
        assert set(elements) <= OURS
        assert " ".join(clean(text).split()) in words
