"""Programs that run another command: what they run decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import DESTRUCTIVE, Finding, changes, reads, worst
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.naming import setting, settings
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.shell.words import ANYTHING, Word

MOST_TRIED = 6
SSH_OPTIONS = set(
    listed(
        "connecttimeout stricthostkeychecking batchmode loglevel port user identityfile "
        "serveraliveinterval requesttty proxyjump identitiesonly"
    )
)


def together(words: Sequence[Word]) -> Word:
    """Words that are joined by blanks and given to a shell."""
    return Word(" ".join(word.text for word in words), made=any(word.made for word in words))


def anywhere(call: Call, why: str) -> Finding:
    """The finding on a command whose options cannot be told: destructive if what begins at some word is."""
    tried = [call.command(call.words[at:]) for at in range(min(MOST_TRIED, len(call.words)))]
    return worst([changes(f"{call.name}: {why}"), *(each for each in tried if each.effect is DESTRUCTIVE)])


@dataclass(frozen=True)
class Runs:
    """Runs the command after its options and so many operands.

    `joined` says that a shell gets the words, and `without` what the program does when there is no command.
    """

    options: Options
    operands: int = 0
    joined: bool = False
    without: Finding | None = None

    def judge(self, call: Call) -> Finding:
        given = replace(self.options, operands_end=True).read(call.words)
        if given.trouble:
            return anywhere(call, given.trouble)
        before, inner = given.operands[: self.operands], given.operands[self.operands :]
        if odd := [word for word in before if word.may_be_option or word.several]:
            return anywhere(call, f"“{short(odd[0].text)}” may turn into other words when it runs")
        if inner and inner[0].text == "--":
            inner = inner[1:]
        if not inner:
            return self.without or changes(f"{call.name} runs no command that is named here")
        return call.script(together(inner)) if self.joined else call.command(inner)


def _env(call: Call) -> Finding:
    given = Options("i0u:C:", "ignore-environment unset= chdir=", operands_end=True).read(call.words)
    if given.trouble:
        return anywhere(call, given.trouble)
    count = settings(given.operands)
    found = [each for word in given.operands[:count] if (each := setting(word, for_program=True))]
    inner = given.operands[count:]
    return worst([call.command(inner) if inner else reads("env shows the environment"), *found])


def _sudo(call: Call) -> Finding:
    if [word.text for word in call.words] in (["-l"], ["--list"], ["-nl"], ["-n", "-l"]):
        return reads("sudo -l only reads")
    options = Options("AEHnkPSbu:g:U:p:h:", "user= group= non-interactive preserve-env set-home")
    return Runs(options).judge(call)


def _command(call: Call) -> Finding:
    if call.words and call.words[0].text in ("-v", "-V"):
        return reads("command -v only reads")
    return Runs(Options("p")).judge(call)


def _xargs(call: Call) -> Finding:
    names = (
        "null no-run-if-empty max-args= max-procs= verbose delimiter= arg-file= replace=? max-lines=? exit"
    )
    given = Options("0prtxI:i::n:P:L:d:a:E:s:", names, operands_end=True).read(call.words)
    if given.trouble:
        return anywhere(call, given.trouble)
    if not given.operands:
        return reads("xargs only shows its input")
    places = [value.text or "{}" for value in given.values("I", "i", "replace")]
    if not places:
        return call.command([*given.operands, ANYTHING])
    return call.command([_filled(word, places[-1]) for word in given.operands])


def _filled(word: Word, place: str) -> Word:
    if place not in word.text:
        return word
    return replace(word, made=True, leads=word.leads or word.text.startswith(place))


def _ssh(call: Call) -> Finding:
    options = Options("46aCknqTtvxb:c:i:J:l:m:o:p:", operands_end=True)
    given = options.read(call.words)
    if given.trouble:
        return anywhere(call, given.trouble)
    for value in given.values("o"):
        if value.made or value.text.replace("=", " ").split(" ")[0].lower() not in SSH_OPTIONS:
            return anywhere(call, f"the option {short(value.text)} is not known here")
    if len(given.operands) < 2:
        return changes("ssh opens a shell on another machine")
    if given.operands[0].made:
        return anywhere(call, "which machine it goes to is known only when it runs")
    found = call.script(together(given.operands[1:]))
    if call.fed is ANYTHING and not given.has("n"):
        return worst([changes("ssh sends what it is given to another machine"), found])
    return found


def _eval(call: Call) -> Finding:
    return call.script(together(call.words)) if call.words else reads("eval runs nothing")


def _trap(call: Call) -> Finding:
    if not call.words:
        return reads("trap shows what is set")
    return worst([changes("trap sets what runs later"), call.script(call.words[0])])


def _alias(call: Call) -> Finding:
    scripts = [
        call.script(replace(word, text=word.text.partition("=")[2]))
        for word in call.words
        if "=" in word.text
    ]
    if not scripts:
        return reads("alias shows what is set")
    return worst([*scripts, changes("alias gives a command another meaning")])


def _runs(letters: str = "", names: str = "", operands: int = 0, *, without: str = "") -> Runs:
    return Runs(Options(letters, names), operands, without=reads(without) if without else None)


TIME = "portability"
WRAPPERS: dict[str, Rule] = {
    "sudo": By(_sudo),
    "doas": _runs("nu:"),
    "env": By(_env),
    "nice": _runs("n:", "adjustment=", without="nice shows its value"),
    "ionice": _runs("c:n:t"),
    "time": _runs("pv", TIME, without="time shows times"),
    "nohup": _runs(),
    "setsid": _runs("fwc"),
    "stdbuf": _runs("i:o:e:", "input= output= error="),
    "unbuffer": _runs(),
    "timeout": _runs("s:k:v", "signal= kill-after= foreground preserve-status", 1),
    "chroot": _runs(operands=1),
    "taskset": _runs("c", operands=1),
    "nsenter": _runs("amuinpUCTt:S:G:FZ", "target= all mount uts ipc net pid user cgroup time", without=""),
    "watch": Runs(Options("bcdegtxn:", "interval= no-title differences color chgexit errexit"), joined=True),
    "exec": _runs("cla:", without="exec without a command runs nothing"),
    "command": By(_command),
    "builtin": _runs(),
    "busybox": _runs(without="busybox shows what it can do"),
    "toybox": _runs(without="toybox shows what it can do"),
    "xargs": By(_xargs),
    "ssh": By(_ssh),
    "eval": By(_eval),
    "trap": By(_trap),
    "alias": By(_alias),
}
