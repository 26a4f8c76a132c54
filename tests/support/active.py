"""What acts in a message, place by place, that is not ours: no mark of ours and no link into the console."""

import re

from markdown_it import MarkdownIt

from rendering.links import CONSOLE
from tests.support import jira_markup, slack_markup, teams_markup

IN_MAIL = re.compile(r"\w:(?=//)|\bmailto:|\bxmpp:|[^\s\u2060]@|\w\.[^\W\d_]{2}", re.IGNORECASE)
OUR_ADDRESS = re.compile(re.escape(CONSOLE) + r"/\S+")
A_TIME = re.compile(r":\d\d:")
"""What looks like an emoji in 08:52:37: no emoji has a name of two digits."""
TEAMS = {
    *("strong_open", "strong_close", "link_open", "link_close", "softbreak"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
}


def in_mail(text: str) -> list[str]:
    return IN_MAIL.findall(OUR_ADDRESS.sub("", text))


def in_slack(text: str) -> list[str]:
    return [
        each
        for each in slack_markup.acting(text)
        if each not in ("*", "block") and not each.startswith(f"<{CONSOLE}/") and not A_TIME.fullmatch(each)
    ]


def in_teams(text: str) -> list[str]:
    hrefs = [
        str(child.attrGet("href"))
        for token in MarkdownIt("commonmark").parse(text)
        for child in token.children or ()
        if child.type == "link_open"
    ]
    others = [href for href in hrefs if not href.startswith(f"{CONSOLE}/")]
    return others + [each for each in teams_markup.acting(text) if each not in TEAMS]


def in_jira(text: str) -> list[str]:
    ours = ("*", "* ", "block", "h2.", "{", "}")
    return [
        each
        for each in jira_markup.acting(text)
        if each.strip() not in ours and not (each.startswith("[") and f"|{CONSOLE}/" in each)
    ]
