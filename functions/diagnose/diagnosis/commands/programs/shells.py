"""Shells and other interpreters: the text that they are given decides, if it is known."""

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import CHANGING, Finding, changes, reads, worst
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Always
from diagnose.diagnosis.commands.programs.wrappers import anywhere
from diagnose.diagnosis.commands.shell.words import ANYTHING

SHELL = Options("euxlcsvno:", "login noprofile norc posix", operands_end=True)
SETS = set(listed("errexit nounset xtrace pipefail verbose noexec"))


def _shell(call: Call) -> Finding:
    """`sh -c TEXT`, a script as a file, or one from the input."""
    if [word.text for word in call.words] == ["--version"]:
        return reads(f"{call.name} --version only reads")
    given = SHELL.read(call.words)
    if given.trouble:
        return anywhere(call, given.trouble)
    if odd := [value for value in given.values("o") if value.text not in SETS]:
        return anywhere(call, f"the option {short(odd[0].text)} is not known here")
    if given.has("c"):
        if not given.operands:
            return changes(f"{call.name} -c is given no command")
        return call.script(given.operands[0])
    if given.operands and not given.has("s"):
        return changes(f"{call.name} runs the file {short(given.operands[0].text)}, which is not seen here")
    if call.fed is None:
        return changes(f"{call.name} opens a shell")
    if call.fed is ANYTHING:
        return changes(f"{call.name} runs whatever it is given through a pipe or from a file")
    return call.script(call.fed)


def _su(call: Call) -> Finding:
    given = Options("lmpfc:s:", "login command= shell=").read(call.words)
    scripts = [call.script(value) for value in given.values("c", "command")]
    if given.trouble or given.has("s", "shell"):
        return worst([anywhere(call, given.trouble or "its shell is not known"), *scripts])
    return worst(scripts) if scripts else changes(f"{call.name} opens a shell")


def _python(call: Call) -> Finding:
    words = [word.text for word in call.words]
    if words in (["--version"], ["-V"]):
        return reads(f"{call.name} --version only reads")
    if words[:2] == ["-m", "json.tool"] and len(words) <= 3 and not any(w.may_be_option for w in call.words):
        return reads("json.tool only formats")
    return changes(f"{call.name} runs a program that is not looked into")


RUNS_CODE = Always(CHANGING, "runs a program that is not looked into")
SHELLS: dict[str, Rule] = {
    **dict.fromkeys(listed("sh bash dash zsh ksh ash"), By(_shell)),
    **dict.fromkeys(listed("su runuser"), By(_su)),
    **dict.fromkeys(listed("python python3 python2"), By(_python)),
    **dict.fromkeys(
        listed("perl ruby node php lua source . gdb parallel make ansible ansible-playbook"), RUNS_CODE
    ),
}
