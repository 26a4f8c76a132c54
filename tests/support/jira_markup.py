"""What acts in Jira's wiki markup, by its own page "Text Formatting Notation".

A backslash before a special character shows it. `{name}` is a macro, `[...]` a link or a mention, `!...!` an
image or a file, `|` a table, `h1.`, `bq.`, `*`, `#`, `-` and `----` at the beginning of a line a heading, a
quote, lists and a rule; `*`, `_`, `-`, `+`, `^`, `~`, `??` and `{{` format; two backslashes break the line;
addresses with a scheme are links and `:)`, `(x)` and the like pictures.
"""

import re

JOINER = "\u2060"
SHOWN = "\ue000"
TOKEN = re.compile(
    r"""
      \{noformat\}(?P<block>.*?)\{noformat\}
    | (?P<link> \[[^\]\n]*\]? )
    | (?P<start> ^(?:h[1-6]\.|bq\.|[*#-]+\s|-{4}) )
    | (?P<mark> [{}\[\]!|^~+*_@%] | \?\? | --+ | (?<!\w)-\S | \\\\ )
    | (?P<picture> [:;]-?[)(DPp] | \([xy!?/in*+-]\) | \(on\) | \(off\) )
    | (?P<address> (?:https?|ftp|file|nntp|irc):// | mailto: )
    | (?P<entity> &(?:\#\w+|\w+); )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
ESCAPE = re.compile(r"\\([!\[\]^~+?%{}()*_\-|@])")


def acting(text: str) -> list[str]:
    """What acts, in its order; what a backslash shows does not."""
    parts = text.split("{noformat}")
    shown = "{noformat}".join(
        part if place % 2 else ESCAPE.sub(SHOWN, part) for place, part in enumerate(parts)
    )
    found = TOKEN.finditer(shown)
    return ["block" if token.lastgroup == "block" else str(token[str(token.lastgroup)]) for token in found]


def read(text: str) -> str:
    """What a person reads, in one line; an entity that does not act is read as it is written."""
    return " ".join(ESCAPE.sub(r"\1", text).replace(JOINER, "").split())
