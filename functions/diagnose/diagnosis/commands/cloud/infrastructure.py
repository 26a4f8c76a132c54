"""Terraform, git, and the command lines of other clouds."""

import re

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    READ_ONLY,
    Finding,
    changes,
    destroys,
    reads,
)
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Cli, verbs

SECRET = "It shows secrets."  # noqa: S105
TERRAFORM = Cli(
    verbs(
        READ_ONLY, "show,validate,providers,graph,version,state list,state show,workspace list,workspace show"
    )
    | verbs(READ_ONLY, "output,state pull", marks=(SECRET,))
    | verbs(
        READ_ONLY,
        "plan",
        options=Options(
            "",
            "destroy refresh-only refresh= target= replace= var= var-file= lock= lock-timeout= "
            "input= no-color parallelism= compact-warnings detailed-exitcode json",
            single_dash=True,
        ),
    )
    | verbs(
        CHANGING,
        "apply,init,import,refresh,taint,untaint,fmt,console,get,login,logout,state mv,"
        "state push,state replace-provider,workspace new,workspace select,providers lock,"
        "providers mirror,test",
        worse={"-destroy": DESTRUCTIVE, "--destroy": DESTRUCTIVE},
    )
    | verbs(DESTRUCTIVE, "destroy,state rm,workspace delete,force-unlock"),
    Options("", "chdir= version", single_dash=True),
)
GIT_READS = Options(
    "pnsrvabwuzLMCcS:G:U:1234567890",
    "oneline graph all stat name-only name-status no-pager decorate=? since= until= "
    "after= before= author= grep= max-count= follow patch no-patch cached staged "
    "word-diff=? abbrev-commit short porcelain=? branch pretty= format= reverse shortstat "
    "numstat summary no-merges merges first-parent date= show-toplevel abbrev-ref tags "
    "heads verify count left-right exit-code quiet line-porcelain",
)
GIT = Cli(
    verbs(
        READ_ONLY,
        "log,show,diff,status,blame,shortlog,rev-parse,rev-list,describe,ls-files,cherry,merge-base,name-rev",
        options=GIT_READS,
    )
    | verbs(READ_ONLY, "branch,tag,remote,stash list,stash show,reflog show,worktree list,config", alone=True)
    | verbs(READ_ONLY, "remote show,remote get-url", options=GIT_READS)
    | verbs(
        CHANGING,
        "add,commit,pull,fetch,merge,rebase,checkout,switch,restore,cherry-pick,revert,am,"
        "apply,clone,init,stash,push,remote add,remote remove,submodule,bisect,mv,stash pop,"
        "stash apply,worktree add",
        worse={
            "--force": DESTRUCTIVE,
            "-f": DESTRUCTIVE,
            "--delete": DESTRUCTIVE,
            "--mirror": DESTRUCTIVE,
            "--hard": DESTRUCTIVE,
        },
    )
    | verbs(CHANGING, "reset", worse={"--hard": DESTRUCTIVE})
    | verbs(
        DESTRUCTIVE,
        "clean,rm,gc,reflog expire,reflog delete,filter-branch,stash drop,stash clear,"
        "update-ref,worktree remove,prune",
    ),
    Options("C:P", "no-pager"),
)


def _git(call: Call) -> Finding:
    texts = [word.text for word in call.words]
    made = any(word.may_be_option for word in call.words)
    if not made and texts in (
        ["branch", "-a"],
        ["branch", "-r"],
        ["branch", "-vv"],
        ["branch", "-v"],
        ["remote", "-v"],
        ["tag", "-l"],
    ):
        return reads(f"git {' '.join(texts)} only reads")
    if texts[:1] == ["branch"] and {"-D", "-d", "--delete", "-M", "-f"} & set(texts):
        return destroys("git branch deletes or overwrites a branch")
    return GIT.judge(call)


VERBS_READ = re.compile(
    r"list|describe|show|read|get-value|get-iam-policy|get-health|tail|list-[a-z-]+|get-[a-z-]+|check-[a-z-]+|query"
)
VERBS_DESTROY = re.compile(
    r"(?:.*-)?(?:delete|destroy|purge|remove|reset|deallocate|stop|rm|abandon|wipe)(?:-.*)?"
)
VERBS_ISSUE = re.compile(
    r"get-(?:credentials|access-token|upgrade-profile|instance-.*password|.*-token)|print-.*|get-or-create-.*"
)
CLOUD = Options(
    "o:g:n:s:",
    "project= account= configuration= format= quiet verbosity= region= zone= output= "
    "subscription= query= only-show-errors resource-group= debug verbose",
    operands_end=True,
)


def _cloud(call: Call) -> Finding:
    """gcloud and az: groups of nouns, and then a verb; the first word that is a verb decides."""
    given = CLOUD.read(call.words)
    leading = []
    for word in given.operands:
        if word.text.startswith("-") or word.may_be_option:
            break
        leading.append(word.text)
    secret = (
        (SECRET,)
        if any("secret" in text or "keys" in text or "connection-string" in text for text in leading)
        else ()
    )
    destroying = [word.text for word in call.words if VERBS_DESTROY.fullmatch(word.text)]
    for text in [] if given.trouble else leading:
        if VERBS_ISSUE.fullmatch(text):
            return changes(f"{call.name} {short(text)} writes or shows credentials", SECRET)
        if VERBS_DESTROY.fullmatch(text):
            break
        if VERBS_READ.fullmatch(text):
            if any(word.text.startswith(("--file", "--output-file", "--flags-file")) for word in call.words):
                return changes(f"{call.name} {short(text)} reads or writes a file that is not looked at")
            return reads(f"{call.name} … {text} only reads", *secret)
    if destroying:
        return destroys(f"{call.name} {short(destroying[0])} deletes or ends something")
    return changes(f"{call.name}: {given.trouble or 'its verb is in no table of what only reads'}")


def _gh(call: Call) -> Finding:
    table = (
        verbs(
            READ_ONLY,
            "pr list,pr view,pr diff,pr checks,pr status,issue list,issue view,run list,run "
            "view,release list,release view,repo view,workflow list",
        )
        | verbs(CHANGING, "pr merge,pr create,issue create,run rerun,workflow run")
        | verbs(DESTRUCTIVE, "repo delete,release delete,run cancel,run delete,issue delete")
    )
    return Cli(table, Options("R:", "repo=")).judge(call)


INFRASTRUCTURE: dict[str, Rule] = {
    **dict.fromkeys(listed("terraform tofu"), TERRAFORM),
    "git": By(_git),
    **dict.fromkeys(listed("gcloud az"), By(_cloud)),
    "gh": By(_gh),
}
