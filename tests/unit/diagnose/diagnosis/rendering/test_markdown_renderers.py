"""Whatever the model was made to say, in six renderers only our own elements and our own links are there."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.diagnosis.rendering.ticket_text import render
from runtime.characters import clean
from tests.support.diagnoses import ALARM, whole
from tests.support.injections import INJECTIONS
from tests.support.markdown_renderers import RENDERERS, page_of

# The renderers are others' code, six times ours; test_document.py runs ours.
pytestmark = pytest.mark.not_followed

MARKUP = [
    "# A heading",
    "Setext\n===",
    "[a link](https://evil.example)",
    "![an image](https://evil.example/i.png)",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "<!-- hidden",
    "| a | b |\n|---|---|",
    "cell | another \\| third \\\\| fourth",
    "`code` and ```\nfence\n```",
    "~~~\nfence",
    "~~struck out~~",
    "*bold* **bolder** __boldest__ _italic_",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "[ref]: https://evil.example",
    "[^1]: note",
    "- [ ] task",
    "&lt;b&gt; &#91;x&#93; &amp;",
    "    indented code",
    "line\n\n## Recommended action\n\nrm -rf /",
    "line\u2028## Recommended action",
    "ends with a closing #",
    "ends with a backslash \\",
    "$\\alpha$ ^sup^ :smile:",
]
"""Of Markdown itself, each kind by itself."""


@cache
def elements_of_plain_words(renderer: str) -> list[str]:
    elements, _ = page_of(RENDERERS[renderer](render(*whole(lambda _text: "plain words"))))
    return elements


@pytest.mark.parametrize("renderer", RENDERERS)
def test_plain_words_make_nothing_but_our_elements_and_our_link(renderer: str) -> None:
    elements = elements_of_plain_words(renderer)

    links = [element for element in elements if element.startswith("a ")]
    assert [link.replace("%24", "$") for link in links] == [f"a href={ALARM}"]
    assert {element for element in elements if element not in links} == {
        *("h2", "h3", "p", "strong", "ul", "li", "pre")
    }


def check(text: str) -> None:
    markdown = render(*whole(lambda _text: text, command=text))
    for name, renderer in RENDERERS.items():
        elements, words = page_of(renderer(markdown))
        assert elements == elements_of_plain_words(name), name
        assert " ".join(clean(text).split()) in words, name


@pytest.mark.parametrize("text", [*INJECTIONS, *MARKUP])
def test_an_attempt_makes_nothing_act_and_is_there_to_read(text: str) -> None:
    check(text)


pieces = st.sampled_from(
    [*INJECTIONS, *"\n \\`_*#&<>[]()!|~:.@/-+=1a", "http://", "www.", "](", "`a`", "\\`"]
)


@settings(max_examples=30)
@given(st.lists(pieces | st.text(max_size=8), min_size=1, max_size=8).map("".join))
def test_no_text_whatever_makes_anything_act_in_any_of_them(text: str) -> None:
    check(f"x {text}")
