"""Programs that show or steer services and their monitoring."""

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
from diagnose.diagnosis.commands.programs.kinds import Action, Always, Cli, Reads, verbs

SYSTEMCTL = Cli(
    verbs(
        READ_ONLY,
        "status,show,cat,help,list-units,list-unit-files,list-timers,list-sockets,"
        "list-dependencies,list-jobs,list-machines,list-paths,is-active,is-enabled,is-failed,"
        "is-system-running,get-default,show-environment",
    )
    | verbs(
        CHANGING,
        "start,stop,restart,reload,reload-or-restart,try-restart,enable,disable,mask,unmask,"
        "reenable,daemon-reload,daemon-reexec,reset-failed,edit,set-property,set-default,"
        "freeze,thaw,set-environment,unset-environment",
    )
    | verbs(
        DESTRUCTIVE,
        "kill,poweroff,reboot,halt,kexec,rescue,emergency,isolate,suspend,hibernate,exit,clean,revert",
    ),
    Options(
        "alqt:p:n:o:H:M:",
        "no-pager all full user system failed type= state= property= lines= output= quiet "
        "plain no-legend value",
    ),
    empty=READ_ONLY,
)
JOURNALCTL = Reads(
    Options(
        "aefklmqrxb::123456789n::u:p:o:t:g:S:U:D:F:NM:",
        "all catalog disk-usage dmesg follow full grep= lines=? list-boots merge no-hostname "
        "no-pager no-tail boot=? output= priority= quiet reverse since= system unit= until= "
        "user utc identifier= header pager-end after-cursor= show-cursor verify fields "
        "user-unit= case-sensitive=? facility= directory= output-fields= truncate-newline",
    ),
    changing="--rotate --flush --sync --relinquish-var --update-catalog --setup-keys --cursor-file",
    destroying="--vacuum-size --vacuum-time --vacuum-files",
)


def _service(call: Call) -> Finding:
    words = [word.text for word in call.words]
    if any(word.made for word in call.words):
        return changes("service is told what to do only when it runs")
    if words == ["--status-all"] or words[1:] == ["status"]:
        return reads("service … status only reads")
    return changes(f"service {short(' '.join(words))} steers a service")


def _nginx(call: Call) -> Finding:
    given = Options("tTvVqc:").read(call.words)
    if given.trouble or not given.has("t", "T", "v", "V"):
        return changes(f"{call.name} starts or steers the server")
    return reads(f"{call.name} only checks")


def _apachectl(call: Call) -> Finding:
    words = [word.text for word in call.words]
    if words in (["-t"], ["-S"], ["-M"], ["-v"], ["-V"], ["configtest"], ["status"], ["fullstatus"]):
        return reads(f"{call.name} only checks")
    return changes(f"{call.name} starts or steers the server")


def _rabbitmqctl(call: Call) -> Finding:
    words = [word.text for word in call.words]
    verb = words[0] if words and not call.words[0].made else ""
    if verb.startswith(("list_", "check_")) or verb in {
        "status",
        "cluster_status",
        "report",
        "ping",
        "environment",
        "memory_breakdown",
    }:
        return reads(f"{call.name} {verb} only reads")
    if verb.startswith(("delete_", "purge_", "forget_", "reset", "force_reset", "stop", "clear_", "close_")):
        return destroys(f"{call.name} {short(verb)} deletes or ends something")
    return changes(f"{call.name} {short(verb)} is in no table of what only reads")


PROMTOOL = Cli(
    verbs(
        READ_ONLY,
        "query instant,query range,query series,query labels,query analyze,check config,check "
        "rules,check metrics,check healthy,check ready,check service-discovery,check "
        "web-config,test rules,tsdb list,tsdb analyze",
    )
    | verbs(CHANGING, "tsdb create-blocks-from,tsdb dump,push metrics,debug all")
)
AMTOOL = Cli(
    verbs(
        READ_ONLY,
        "alert query,silence query,check-config,config show,config routes,cluster show,template render",
    )
    | verbs(READ_ONLY, "alert,silence,config,cluster", alone=True)
    | verbs(CHANGING, "alert add,silence add,silence import,silence update")
    | verbs(DESTRUCTIVE, "silence expire"),
    Options("vo:", "alertmanager.url= output= timeout="),
)
SERVICES: dict[str, Rule] = {
    "systemctl": SYSTEMCTL,
    "journalctl": JOURNALCTL,
    "service": By(_service),
    "promtool": PROMTOOL,
    "amtool": AMTOOL,
    "nginx": By(_nginx),
    **dict.fromkeys(listed("apachectl httpd apache2ctl"), By(_apachectl)),
    "haproxy": Action("c v", Options("cvf:V")),
    **dict.fromkeys(listed("rabbitmqctl rabbitmq-diagnostics"), By(_rabbitmqctl)),
    "timedatectl": Cli(
        verbs(READ_ONLY, "status,show,timesync-status,show-timesync,list-timezones")
        | verbs(CHANGING, "set-time,set-timezone,set-ntp"),
        empty=READ_ONLY,
    ),
    "hostnamectl": Cli(verbs(READ_ONLY, "status"), empty=READ_ONLY),
    "resolvectl": Cli(verbs(READ_ONLY, "status,query,statistics"), empty=READ_ONLY),
    "loginctl": Cli(
        verbs(READ_ONLY, "list-sessions,list-users,list-seats,session-status,show-session"), empty=READ_ONLY
    ),
    "coredumpctl": Cli(
        verbs(READ_ONLY, "list,info", options=Options("rn:S:U:", "no-pager since= until=")), empty=READ_ONLY
    ),
    "systemd-analyze": Cli(verbs(READ_ONLY, "blame,time,critical-chain,verify"), empty=READ_ONLY),
    "supervisorctl": Cli(
        verbs(READ_ONLY, "status,tail,pid,avail")
        | verbs(CHANGING, "start,stop,restart,reread,update,reload,add")
        | verbs(DESTRUCTIVE, "shutdown,remove")
    ),
    "pm2": Cli(
        verbs(READ_ONLY, "list,ls,status,logs,show,describe,monit,prettylist,jlist")
        | verbs(DESTRUCTIVE, "delete,kill")
    ),
    "nodetool": Cli(
        verbs(
            READ_ONLY,
            "status,info,tpstats,ring,compactionstats,netstats,tablestats,cfstats,describecluster,"
            "gossipinfo,proxyhistograms,tablehistograms,version,gcstats,getcompactionthroughput,"
            "listsnapshots,statusgossip",
        )
        | verbs(
            CHANGING,
            "flush,compact,repair,cleanup,snapshot,drain,disablegossip,enablegossip,setcompactionthroughput",
        )
        | verbs(DESTRUCTIVE, "decommission,removenode,assassinate,clearsnapshot,stopdaemon,garbagecollect"),
        Options("h:p:u:", "host= port= username="),
    ),
    "varnishstat": Reads(Options("1jf:n:")),
    "postqueue": Reads(Options("pj"), changing="-f"),
    "mailq": Always(READ_ONLY),
}
