"""Terraform, git and GitHub."""

from diagnose.diagnosis.commands.call import By, Call, Rule
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    READ_ONLY,
    Finding,
    destroys,
    reads,
)
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Cli, verbs

CONFIDENTIAL = "It shows secrets."
TERRAFORM = Cli(
    verbs(
        READ_ONLY, "show,validate,providers,graph,version,state list,state show,workspace list,workspace show"
    )
    | verbs(READ_ONLY, "output,state pull", marks=(CONFIDENTIAL,))
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
    | verbs(READ_ONLY, "remote get-url", options=GIT_READS)
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
    "gh": By(_gh),
}
