"""What the local dashboard lets through and what it takes out, and what comes of each kind of answer."""

from collections.abc import Callable
from typing import Any

import pytest

from local.aws.function import LocalFunction
from local.aws.template import Template
from local.board.frame import Frame, Shown, shown
from local.board.sanitising import removed, sanitised


@pytest.mark.parametrize(
    ("html", "kept", "said"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>", ["<script>"]),
        ("<p onclick='x()'>a</p>", "<p>a</p>", ["onclick of <p>"]),
        ("<iframe src='/x'>a</iframe>b", "b", ["<iframe>"]),
        ("<svg viewBox='0 0 1 1'><use href='#a'></use></svg>", '<svg viewBox="0 0 1 1"></svg>', ["<use>"]),
        ("<a href='javascript:x()'>a</a>", "<a>a</a>", ["href of <a>: javascript:"]),
        ("<a href='JAVA&#9;SCRIPT:x()'>a</a>", "<a>a</a>", ["href of <a>: java\tscript:"]),
        ("<img src='data:image/svg+xml,x'>", "<img>", ["src of <img>: data:"]),
        ("<form action='https://a.example'>a</form>", "<form>a</form>", ["action of <form>"]),
        ("<blink>a</blink>", "a", ["<blink>"]),
    ],
)
def test_what_could_act_is_taken_out_and_said(html: str, kept: str, said: list[str]) -> None:
    assert sanitised(html) == kept
    assert [each.lower() for each in removed(html)] == said


@pytest.mark.parametrize(
    "html",
    [
        "<style>.a > b{color:red}</style>",
        '<a class="btn" href="https://a.example" rel="noopener" target="_blank">a</a>',
        '<button type="button" aria-label="a">a</button>',
        '<cwdb-action action="call" display="popup" endpoint="arn" confirmation="?">{"a": 1}</cwdb-action>',
        '<svg viewBox="0 0 9 9" role="img"><title>a</title><polyline points="0,0 9,9"></polyline></svg>',
        '<select name="a"><option value="b" selected="">c</option></select>',
        '<details open=""><summary>a</summary>b</details>',
    ],
)
def test_what_a_widget_may_have_stays_as_it_is(html: str) -> None:
    assert sanitised(html) == html
    assert removed(html) == []


def frame(handler: Callable[[Any, Any], Any]) -> Frame:
    template = Template.read()
    return Frame(LocalFunction(template.resource("BoardFunction"), template.names, handler), "a board", {})


def test_html_is_cleaned_markdown_rendered_and_anything_else_shown_as_json() -> None:
    assert shown("<b>a</b><script></script>") == Shown("<b>a</b>", removed=["<script>"])
    assert shown({"markdown": "## a\n<b>b</b>"}).html == "<h2>a</h2>\n<p>&lt;b&gt;b&lt;/b&gt;</p>\n"
    assert shown({"a": "<b>"}).html == "<pre>{\n  &quot;a&quot;: &quot;&lt;b&gt;&quot;\n}</pre>"


def test_a_call_goes_to_the_widget_s_own_function_alone() -> None:
    asked = frame(lambda event, _: f"<p>{event['view']}</p>")
    assert asked.call(asked.endpoint, {"view": "list"}).html == "<p>list</p>"
    assert "no function 'arn:other'" in asked.call("arn:other", {"view": "list"}).error


def test_what_lambda_would_refuse_is_said() -> None:
    def breaks(_event: Any, _context: Any) -> str:
        raise RuntimeError("no table")

    failed = frame(breaks)
    assert "no table" in failed.call(failed.endpoint, {}).error
    large = frame(lambda _event, _context: "x" * 7_000_000)
    assert "more than Lambda's" in large.call(large.endpoint, {}).error
