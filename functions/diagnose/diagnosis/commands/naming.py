"""Which program a word names, and which settings of the environment leave a program what it is."""

import re
from collections.abc import Sequence

from diagnose.diagnosis.commands.call import short
from diagnose.diagnosis.commands.finding import Finding, changes
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.shell.words import Word

USUAL = re.compile(
    r"(?:/(?:usr/(?:local/)?)?s?bin/|/opt/homebrew/bin/"
    r"|(?:(?:/opt|/usr/local)/kafka[\w.-]*/)?(?:\./)?bin/(?=kafka-))?"
    r"([\w.+:\[-]+)"
)
"""Where programs are installed; the same name elsewhere may be anything."""
SETTING = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
HARMLESS = frozenset(
    listed(
        "AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_MAX_ATTEMPTS "
        "NAMESPACE PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGCONNECT_TIMEOUT MYSQL_PWD "
        "REDISCLI_AUTH LANG LC_ALL LC_TIME TZ COLUMNS LINES NO_COLOR "
        "ETCDCTL_API ETCDCTL_ENDPOINTS TF_LOG ALERTMANAGER_URL POD NS NODE "
        "START END SINCE UNTIL NOW ID INSTANCE_ID REGION CLUSTER SERVICE DB BUCKET TABLE "
        "QUEUE_URL LOG_GROUP FUNCTION NAME DEPLOYMENT CONTAINER PID"
    )
)
OF_THE_SHELL = re.compile(
    r"path|fpath|cdpath|manpath|module_path|mailpath|psvar|prompt\d?|ps\d|r?prompt|\w*_functions|\w*_proxy|"
    r"histchars|fignore|watch|zle\w*|fish\w*|status|argv|signals|functions|aliases|commands|options|parameters"
)


def program(word: Word) -> tuple[str, bool]:
    """The name of a program, and whether it is where such programs are installed."""
    found = USUAL.fullmatch(word.text)
    return (found[1], True) if found else (word.text.rstrip("/").rpartition("/")[2], False)


def settings(words: Sequence[Word]) -> int:
    """How many words before a program set its environment."""
    count = 0
    while count < len(words) and SETTING.fullmatch(words[count].text) and "=" in words[count].text:
        count += 1
    return count


def setting(word: Word, *, for_program: bool) -> Finding | None:
    """What it may change to set a variable; None when no program takes orders from it."""
    found = SETTING.fullmatch(word.text)
    name = found[1] if found else word.text
    own = name.islower() and not OF_THE_SHELL.fullmatch(name) and not for_program
    if name in HARMLESS or own:
        return None
    return changes(f"it sets {short(name)}, which may change what programs do")
