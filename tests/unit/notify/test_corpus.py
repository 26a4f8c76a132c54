"""The corpus of messages: as docs/messages has it, within every limit, nothing active, the promise kept."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.bus import MOST_BYTES
from notify.messages.chat import DESCRIPTION_CHARS, STEP_CHARS, TITLE_CHARS
from notify.messages.mail import MOST_BYTES as MOST_BYTES_OF_MAIL
from notify.messages.mail import SUBJECT_CHARS
from notify.messages.message import LEAD_CHARS, SAFE, Write
from notify.telling import Kind
from rendering.jira import jira
from rendering.plain import plain
from rendering.slack import slack
from rendering.teams import teams
from tests.support import active
from tests.support.injections import INJECTIONS
from tests.support.messages import FOLDER, Sample, _sample, files, hostile, samples

SAMPLES = [pytest.param(sample, id=sample.name) for sample in samples()]


def test_the_files_are_what_the_code_writes() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.txt")}

    assert written == {path.name: text for path, text in files().items()}, (
        "stale: `make messages` writes them"
    )


def check(sample: Sample) -> None:
    """Sizes, nothing active, and the first lines."""
    (subject, mail), wiki = sample.mail, sample.jira
    assert len(subject) <= SUBJECT_CHARS
    assert subject.isascii()
    assert subject.isprintable()
    assert not subject.startswith(" ")
    assert active.in_mail(subject) == active.in_mail(mail) == []
    assert len(mail.encode()) <= MOST_BYTES_OF_MAIL
    assert active.in_jira(wiki) == []
    assert len(wiki.encode()) <= 32_000
    for told, look in ((sample.slack, active.in_slack), (sample.teams, active.in_teams)):
        content, metadata = told["content"], told["metadata"]
        assert len(content["title"]) <= TITLE_CHARS
        assert len(content["description"]) <= DESCRIPTION_CHARS
        for text in (content["title"], content["description"], *content["nextSteps"], *content["keywords"]):
            assert look(text) == []
        assert all(len(step) <= STEP_CHARS for step in content["nextSteps"])
        assert SAFE.fullmatch(metadata["threadId"]) or metadata["threadId"].startswith("outage-")
        assert all(SAFE.fullmatch(value) for value in metadata["additionalContext"].values())
    if sample.event:
        detail = json.loads(sample.event)
        assert len(sample.event.encode()) < MOST_BYTES
        assert len(detail["title"]) <= 250
        assert active.in_mail(detail["title"]) == active.in_mail(detail["text"]) == []
    places = [mail, wiki, sample.slack["content"]["description"], sample.teams["content"]["description"]]
    for text in places:
        first = text[:LEAD_CHARS]
        assert sample.message.label.split(":")[0] in first
        assert "Cause:" in first
        assert "Next step:" in first


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_message_keeps_its_promises(sample: Sample) -> None:
    check(sample)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("write", [plain, jira, slack, teams])
def test_the_first_lines_hold_cause_and_next_step_from_their_beginnings(sample: Sample, write: Write) -> None:
    line = sample.message.lead(write)
    told = [part for part in line if isinstance(part, str)]

    assert len(told) == 2
    for text, whole in zip(told, (sample.message.cause, sample.message.next_step), strict=True):
        beginning = " ".join(whole.split())[:8]
        assert text[:8] == beginning or sample.name.startswith("attempts-")


pieces = st.sampled_from(
    [*INJECTIONS, *"\n \\`_*#&<>[]{}()!|~:;.@/-+=?^1a", "http://", "www.", "h1.", "&gt;"]
)
TEXTS = st.lists(pieces | st.text(max_size=8), min_size=1, max_size=6).map("".join)


@settings(max_examples=12, deadline=None)
@given(text=TEXTS)
def test_no_text_whatever_makes_anything_act_or_breaks_a_limit(text: str) -> None:
    check(_sample("any", Kind.DIAGNOSED, hostile([f"x {text}"])))


@pytest.mark.long
@settings(max_examples=600, deadline=None)
@given(text=TEXTS)
def test_no_text_whatever_makes_anything_act_however_many_are_tried(text: str) -> None:
    check(_sample("any", Kind.DIAGNOSED, hostile([f"x {text}"])))


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "<!channel> " * 9000, "&" * 50_000, "`" * 50_000, "\u202e" * 50_000 + "z"]
)
def test_the_longest_texts_are_within_every_limit(text: str) -> None:
    check(_sample("long", Kind.DIAGNOSED, hostile([text] * 60)))
