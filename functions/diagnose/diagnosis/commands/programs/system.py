"""Programs that show or set a machine: processes, memory, disks, the kernel, its packages."""

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import CHANGING, DESTRUCTIVE, READ_ONLY, Finding, changes, reads
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Action, Always, Cli, Reads, verbs

SLOWS = "It slows what it watches down."
HARMLESS = (
    "ps pgrep pidof pstree uptime free vmstat iostat mpstat nproc lscpu lsblk lspci lsusb "
    "lsmod modinfo findmnt id whoami groups who w last lastb uname printenv getent locale "
    "tty users numastat slabtop lsns iotop htop jps lsipc getconf getenforce sestatus "
    "pmap"
)


def _date(call: Call) -> Finding:
    given = Options("uRI::d:r:", "utc date= reference= rfc-3339= iso-8601=?").read(call.words)
    if given.trouble:
        return changes(f"date: {given.trouble}")
    if any(not word.text.startswith("+") for word in given.operands):
        return changes("date sets the clock")
    return reads("date only reads")


def _sysctl(call: Call) -> Finding:
    given = Options("anNeq", "all values names").read(call.words)
    if given.trouble:
        return changes(f"sysctl: {given.trouble}")
    if any("=" in word.text or word.made for word in given.operands):
        return changes("sysctl sets a value of the kernel")
    return reads("sysctl only reads")


def _export(call: Call) -> Finding:
    return (
        reads("export shows what is set") if not call.words else changes("export sets what programs are told")
    )


def _strace(call: Call) -> Finding:
    given = Options("fcCTtrvyYp:e:s:S:", "", operands_end=True).read(call.words)
    if given.trouble:
        return changes(f"{call.name}: {given.trouble}")
    found = call.command(given.operands) if given.operands else reads(f"{call.name} only watches")
    return Finding(found.effect, found.why, (*found.marks, SLOWS))


def _crontab(call: Call) -> Finding:
    given = Options("lu:").read(call.words)
    if any(word.text.startswith("-") and "r" in word.text for word in call.words):
        return Finding(DESTRUCTIVE, "crontab -r deletes all that is planned")
    reading = given.has("l") and not given.trouble and not given.operands
    return reads("crontab -l only reads") if reading else changes("crontab changes what is planned")


def _history(call: Call) -> Finding:
    if all(word.text.isdigit() and not word.made for word in call.words):
        return reads("history only reads")
    return changes(f"history {short(call.words[0].text)} may change or write it")


PACKAGES = (
    verbs(
        READ_ONLY,
        "list,show,search,policy,info,depends,rdepends,madison,repolist",
        options=Options("a", "installed upgradable"),
    )
    | verbs(CHANGING, "install,update,upgrade,dist-upgrade,reinstall,downgrade")
    | verbs(DESTRUCTIVE, "remove,purge,autoremove,erase")
)
SYSTEM: dict[str, Rule] = {
    **dict.fromkeys(HARMLESS.split(), Always(READ_ONLY)),
    "date": By(_date),
    "sysctl": By(_sysctl),
    "export": By(_export),
    **dict.fromkeys(listed("strace ltrace"), By(_strace)),
    "crontab": By(_crontab),
    "history": By(_history),
    "top": Reads(Options("bcHiSEe1n:p:u:U:o:d:w::O", "")),
    "atop": Reads(Options("amdscvuypg", "")),
    "pidstat": Reads(Options("dhHIlrRstTuUvwp:C:", "")),
    "sar": Reads(Options("AbBdFhHpqrRSuvwWyPn:m:f:s:e:i:P:", "")),
    "lsof": Reads(Options("nPlRtbUwp:u:c:d:i::s::a+:", "")),
    "fuser": Reads(Options("vmnau", "verbose mount all")),
    "dmesg": Reads(
        Options("HTLxkrtuwedf:l:", "human ctime level= facility= follow kernel reltime time-format=")
    ),
    "mount": Reads(Options("lt:", ""), operands=0),
    "umount": Always(CHANGING, "takes a file system away"),
    "swapon": Reads(Options("s", "show=? summary"), operands=0),
    "swapoff": Always(CHANGING, "takes memory away"),
    "hostname": Reads(Options("fiIsdA", "fqdn ip-address short"), operands=0),
    "blkid": Reads(Options("o:s:", "")),
    "smartctl": Reads(Options("aAHixcl:d:", "all info health xall attributes capabilities log= device=")),
    "nvme": Cli(
        verbs(READ_ONLY, "list,smart-log,id-ctrl,id-ns,error-log") | verbs(DESTRUCTIVE, "format,sanitize")
    ),
    "mdadm": Reads(Options("DEQ", "detail examine query")),
    **dict.fromkeys(listed("lvs vgs pvs lvdisplay vgdisplay pvdisplay"), Reads(Options("ao:v", "units="))),
    "zpool": Cli(verbs(READ_ONLY, "status,list,iostat,get") | verbs(DESTRUCTIVE, "destroy,labelclear")),
    "zfs": Cli(verbs(READ_ONLY, "list,get") | verbs(DESTRUCTIVE, "destroy,rollback")),
    "dpkg": Action(
        "l L s S list listfiles status search", Options("l::L:s:S:", "list=? listfiles= status= search=")
    ),
    "rpm": Action(
        "q query",
        Options("qailfRcdp", "query all info list last changelog requires"),
        destroying="-e --erase",
    ),
    **dict.fromkeys(listed("apt apt-get apt-cache yum dnf"), Cli(PACKAGES, Options("qy", "installed"))),
    "perf": Cli(
        verbs(READ_ONLY, "top,list,report", marks=(SLOWS,), options=Options("agp:t:e:d", "pid= stdio")),
    ),
    "jstack": Reads(Options("l", ""), marks=("It stops the process for a moment.",)),
    "jstat": Always(READ_ONLY),
    "jinfo": Reads(Options("", "flags sysprops", single_dash=True), operands=1),
    "jmap": Reads(Options("", "heap histo", single_dash=True), marks=("It stops the process for a moment.",)),
    "clear": Always(READ_ONLY),
    "ulimit": Reads(Options("aSHcdefilmnpqrstuvx"), operands=0),
}
