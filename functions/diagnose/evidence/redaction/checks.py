"""What tells a secret from the words and figures that look like one."""

import base64
import binascii
import re

SAID = """
expired invalid required incorrect missing wrong denied failed failure ok changed rotated reset unknown
rejected accepted granted revoked disabled enabled not is was are set unset empty must should may can cannot
will for and or the a an of in to from by with has have authentication auth basic bearer digest negotiate
token error errors check checks verified validated unauthorized forbidden success succeeded successful
mismatch yes no true false null none nil undefined n/a na unchanged default on off hidden masked
redacted removed omitted string str text int number bool boolean object optional plain
"""
STATUS = frozenset(SAID.split())
"""What stands after `password:` when something is said of it rather than the password itself."""
STANDS_FOR_A_VALUE = re.compile(
    r"[*x.•#-]+$|\$\{|\$\(|\{\{|%\(|%\{|\$[A-Z_][A-Z0-9_]*$|\{[\w.]*\}?$|%[sdrv]$|<|\[redacted|os\.env|environ|getenv|"
    r"process\.env|secrets?\.|var\.|ref\+|arn:aws|(?:vault|op|ssm|secretsmanager|sm):|/\w[\w.-]*/|~/|\.{1,2}/|[A-Za-z]:\\",
    re.IGNORECASE,
)
"""Masks, references to a place where the value is, and paths."""
NAME = re.compile(r"[a-z]+(?:[-_./](?:[a-z]+|\d{1,3}))*$|[A-Z][a-z]+(?:[A-Z][a-z]+)*$|[A-Z]+(?:_[A-Z]+)*$")
"""A word, or words put together: the name of a secret rather than one."""


def has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def is_mixed(text: str) -> bool:
    """Digits, small and capital letters: what is made at random has them all, a hash or a word has not."""
    return has_digit(text) and any(map(str.islower, text)) and any(map(str.isupper, text))


def is_no_word(text: str) -> bool:
    """Whether it is not said of a token, but is one."""
    return text.lower().rstrip(".,:;") not in STATUS and (
        has_digit(text) or not NAME.match(text) or len(text) > 24
    )


def is_login(text: str) -> bool:
    """Whether it is `user:password` in base64."""
    said = decoded(text)
    return said is not None and ":" in said


def is_secret_login(text: str) -> bool:
    """Whether it is `user:password`, and no pair of ids."""
    user, _, password = text.partition(":")
    return not (user.isdigit() and password.isdigit()) and not STANDS_FOR_A_VALUE.match(password)


def holds_private_key(text: str) -> bool:
    """Whether it is a PEM block in base64 that begins as a private key does."""
    return "PRIVATE KEY" in (decoded(text[:80]) or "")


def decoded(text: str) -> str | None:
    """The printable text that base64 stands for; None when it stands for none."""
    whole = text.rstrip("=")
    whole = whole[: len(whole) - (len(whole) % 4 == 1)].replace("-", "+").replace("_", "/")
    try:
        said = base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return said if said and all(char.isprintable() or char in "\r\n\t" for char in said) else None


def is_password(text: str) -> bool:
    """Whether what stands after a name of passwords can be one: nearly anything of two characters can."""
    return len(text) > 1 and text.lower().rstrip(".,:;!") not in STATUS and not STANDS_FOR_A_VALUE.match(text)


def is_token(text: str) -> bool:
    """Whether what stands after a name of tokens, secrets and keys is more than a name or a figure."""
    figure = text.replace(".", "").isdigit() and len(text) < 10
    if len(text) < 6 or figure or "://" in text or not is_password(text):
        return False
    return not NAME.match(text) or (len(text) >= 20 and text.isalpha() and text.islower())
