"""What acts in a text of Slack's mrkdwn, by docs.slack.dev, "Formatting message text".

`<...>` is a link, a mention or a date, whatever its words; `*`, `_` and `~` format, `>` (also as an entity)
at the beginning of a line quotes, `:name:` is an emoji. Nothing is formatted in code. Slack makes links of
addresses and domains by itself, and of `@name` and `#name` where that is asked for; addresses are looked for
in code too.
"""

import html
import re

JOINER = "\u2060"
TOKEN = re.compile(
    r"""
      ```(?P<block>.*?)```
    | `(?P<code>[^`\n]+)`
    | (?P<angle> <[^>]*>? )
    | (?P<mark> [*_~`>] | ^&gt; | :[a-z0-9_+'-]+: | [@#]\S )
    | (?P<address> (?:https?|ftp|mailto|xmpp|tel|javascript|data): (?=\S) | (?<=\w)\.[a-z]{2} | \bwww\. )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
IN_CODE = re.compile(r"https?://|ftp://|mailto:|\bwww\.\w|<", re.IGNORECASE)


def acting(text: str) -> list[str]:
    """What acts, in its order: marks, links, blocks; an address that would be made a link is one."""
    found: list[str] = []
    for token in TOKEN.finditer(text):
        kind = str(token.lastgroup)
        if kind in ("block", "code"):
            found += ["block"] * (kind == "block")
            found += [f"link in code: {inside[0]}" for inside in IN_CODE.finditer(token[kind])]
        else:
            found.append(token[kind])
    return found


def read(text: str) -> str:
    """What a person reads, in one line, but for backticks."""
    return without_backticks(html.unescape(text).replace(JOINER, ""))


def without_backticks(text: str) -> str:
    """A text in one line, without backticks and what looks like one."""
    return " ".join(text.replace("`", "").replace("\u02cb", "").split())
