"""Programs that show or rework text."""

import re

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import READ_ONLY, Finding, changes, reads, worst
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.naming import setting
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Action, Always, Reads
from diagnose.diagnosis.commands.redirections import written

HARMLESS = (
    "cat tac head tail grep egrep fgrep zgrep zcat bzcat xzcat zstdcat cut tr wc nl rev "
    "column paste join comm diff cmp fold fmt expand unexpand od hexdump strings md5sum "
    "sha1sum sha256sum sha512sum cksum sum jq echo true false : seq expr numfmt basename "
    "dirname realpath readlink pwd cd ls dir stat du df sleep cal tput which type whereis "
    "bc"
)
"""Nothing that can follow these makes them change anything."""
AWK = re.compile(r"system|getline|@|(?<!\|)\|(?!\|)")
SED_ADDRESS = r"(?:\d+|\$|/(?:[^/\\\n]|\\.)*/I?)"
SED_COMMAND = (
    rf"(?:{SED_ADDRESS}(?:,\s*(?:[+~]?\d+|{SED_ADDRESS}))?)?\s*!?\s*"
    r"(?:[pPdDqQnN=lgGhHx]|[qQl]\d+|s(?P<mark>[/|,#:@%])(?:(?!(?P=mark))[^\\\n]|\\.)*(?P=mark)"
    r"(?:(?!(?P=mark))[^\\\n]|\\.)*(?P=mark)[gpiI\d]*|y/[^/\\\n]*/[^/\\\n]*/)?"
)
SED = re.compile(SED_COMMAND)


def _awk(call: Call) -> Finding:
    given = Options("F:v:", "field-separator= assign=", operands_end=True).read(call.words)
    if given.trouble or not given.operands:
        return changes(f"{call.name}: {given.trouble or 'it has no program'}")
    text = given.operands[0]
    if text.made or AWK.search(text.text) or ">" in text.text.partition("print")[2]:
        return changes(f"{call.name}: its program may write files or run commands")
    if odd := [word for word in given.operands[1:] if word.may_be_option]:
        return changes(f"{call.name}: “{short(odd[0].text)}” may turn into options when it runs")
    return reads(f"{call.name} only reads")


def _sed(call: Call) -> Finding:
    given = Options(
        "nrEszue:", "quiet silent regexp-extended expression= separate null-data unbuffered posix"
    ).read(call.words)
    if given.trouble:
        return changes(f"{call.name}: {given.trouble}")
    scripts = given.values("e", "expression") or given.operands[:1]
    for script in scripts:
        if script.made or not all(SED.fullmatch(part.strip()) for part in _commands(script.text)):
            return changes(f"{call.name}: its script may write files or run commands")
    return reads(f"{call.name} only reads")


def _commands(script: str) -> list[str]:
    """The commands of a script of sed; one that has `;` in an expression is not cut there."""
    parts, rest = [], script
    while rest.strip(" ;\n"):
        rest = rest.lstrip(" ;\n")
        found = SED.match(rest)
        if not found or not found.end() or (rest[found.end() :].strip() and rest[found.end()] not in " ;\n"):
            return [rest]
        parts.append(found[0])
        rest = rest[found.end() :].lstrip(" ")
        if rest and rest[0] not in ";\n":
            return [script]
    return parts


def _tee(call: Call) -> Finding:
    given = Options("aip", "append ignore-interrupts").read(call.words)
    if given.trouble:
        return changes(f"tee: {given.trouble}")
    append = given.has("a", "append")
    findings = [written(word, whole=not append) for word in given.operands]
    return worst([reads("tee only shows"), *(found for found in findings if found)])


def _echo_into(call: Call) -> Finding:
    if any(
        word.text.startswith("-v") or (word.may_be_option and at == 0) for at, word in enumerate(call.words)
    ):
        return changes("printf -v sets a variable")
    return reads("printf only writes text")


def _test(call: Call) -> Finding:
    """A test; numbers in `[[ … ]]` are worked out, and what is worked out may run commands."""
    texts = [word.text for word in call.words]
    risky = {"-v", "-R"} | ({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"} if call.name == "[[" else set())
    if risky & set(texts) or any(word.several for word in call.words):
        return changes(f"{call.name} may work out what is known only when it runs")
    return reads(f"{call.name} only tests")


def _shell_reads(call: Call) -> Finding:
    names = [word for word in call.words if word.text not in ("-r", "-s")]
    odd = [word for word in names if not re.fullmatch(r"\w+", word.text) or setting(word, for_program=False)]
    return (
        changes("read sets variables that programs may obey")
        if odd
        else reads("read takes a line of its input")
    )


def _less(call: Call) -> Finding:
    """A word beginning with a plus is an order."""
    if orders := [
        word.text for word in call.words if word.text.startswith("+") and word.text not in ("+F", "+G")
    ]:
        return changes(f"{call.name} is told to do {short(orders[0])}")
    return Reads(Options("NSRFXiInegGMmEqQcsr")).judge(call)


def _tar(call: Call) -> Finding:
    """Letters without a dash are orders too when they come first."""
    rule = Action("t list", Options("tvzjJf:", "list verbose file= gzip"))
    if not call.words or not call.words[0].text.startswith("-"):
        return changes("tar writes files or an archive")
    return rule.judge(call)


TEXT: dict[str, Rule] = {
    **dict.fromkeys(HARMLESS.split(), Always(READ_ONLY)),
    **dict.fromkeys(listed("awk gawk mawk nawk"), By(_awk)),
    "sed": By(_sed),
    "tee": By(_tee),
    "printf": By(_echo_into),
    **dict.fromkeys(listed("test [ [["), By(_test)),
    "read": By(_shell_reads),
    "sort": Reads(
        Options(
            "bdfghiMnRrVcCk:mst:uzS:",
            "numeric-sort reverse unique human-numeric-sort version-sort key= field-separator= "
            "check ignore-case general-numeric-sort month-sort stable zero-terminated "
            "ignore-leading-blanks",
        )
    ),
    **dict.fromkeys(listed("base64 base32"), Reads(Options("dDw:i", "decode wrap="), operands=1)),
    "uniq": Reads(
        Options("cdDif:s:uw:z", "count repeated unique ignore-case skip-fields= skip-chars="), operands=1
    ),
    "shuf": Reads(Options("en:rzi:", "echo head-count= repeat input-range=")),
    "xxd": Reads(Options("abeEipuc:g:l:s:o:", ""), operands=1),
    **dict.fromkeys(listed("less more zless"), By(_less)),
    "man": Reads(Options("kf", "")),
    "rg": Reads(
        Options(
            "inwvclLoFSsxaNHhuUPe:A:B:C:g:t:T:m:f:",
            "ignore-case smart-case line-number no-heading hidden no-ignore count files "
            "files-with-matches json multiline glob= type= context= after-context= "
            "before-context= max-count= color= sort=",
        )
    ),
    "yq": Reads(
        Options("rPpoejCMns:I:", "raw-output prettyPrint output-format= input-format= indent= colors tojson")
    ),
    "tree": Reads(Options("adfhpstuDCL:P:I:", "dirsfirst du noreport")),
    "tar": By(_tar),
    "unzip": Action("l v Z", Options("lvZ")),
    "zipinfo": Always(READ_ONLY),
    "file": Reads(Options("bizLkr", "brief mime mime-type")),
}
