"""kubectl and helm, and other programs that speak to a cluster."""

import re
from collections.abc import Sequence
from dataclasses import replace

from diagnose.diagnosis.commands.call import By, Call, Rule
from diagnose.diagnosis.commands.finding import CHANGING, DESTRUCTIVE, READ_ONLY, Finding
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Cli, find_verb, verbs
from diagnose.diagnosis.commands.programs.wrappers import anywhere
from diagnose.diagnosis.commands.shell.words import Word

CONFIDENTIAL = "It shows secrets."
SECRETS = re.compile(r"(?:.*,)?secrets?(?:[/,.].*)?", re.IGNORECASE)
READING = Options(
    "n::o::l::L::f::k::c::p::v::AwRi",
    " ".join(
        f"{name}=?"
        for name in listed(
            "namespace context cluster user output selector field-selector all-namespaces watch "
            "watch-only show-labels show-kind sort-by label-columns no-headers chunk-size "
            "ignore-not-found filename recursive template raw container containers previous tail "
            "since since-time timestamps follow all-containers limit-bytes max-log-requests "
            "prefix ignore-errors sum show-events types for api-version revision timeout short "
            "client namespaced verbs api-group categories cached list quiet request-timeout as "
            "as-group minify flatten merge subresource v server-side show-managed-fields "
            "insecure-skip-tls-verify"
        )
    ),
)
"""Those with a value too are read as if they had none: so the next word is looked at as well."""
KUBECTL = Cli(
    verbs(
        READ_ONLY,
        "get,describe,logs,top,explain,events,api-resources,api-versions,version,cluster-info,"
        "diff,wait,options,auth can-i,auth whoami,config view,config get-contexts,"
        "config current-context,config get-clusters,config get-users,rollout status,"
        "rollout history,plugin list,cluster-info dump",
        options=READING,
    )
    | verbs(
        CHANGING,
        "apply,create,edit,patch,scale,autoscale,label,annotate,set,expose,run,cordon,"
        "uncordon,taint,cp,attach,debug,port-forward,proxy,certificate approve,"
        "certificate deny,rollout restart,rollout undo,rollout pause,rollout resume,"
        "config use-context,config set-context,config set,auth reconcile,exec",
        worse={"--prune": DESTRUCTIVE, "--force": DESTRUCTIVE},
    )
    | verbs(CHANGING, "replace", worse={"--force": DESTRUCTIVE})
    | verbs(
        DESTRUCTIVE,
        "delete,drain,config delete-context,config delete-cluster,config delete-user,config unset",
    ),
    Options(
        "n:v:",
        "namespace= context= cluster= user= as= as-group= as-uid= "
        "request-timeout= certificate-authority= client-certificate= client-key= "
        "tls-server-name= v= insecure-skip-tls-verify=? match-server-version=? "
        "warnings-as-errors=?",
    ),
    frozenset({"--dry-run=client", "--dry-run=server"}),
)
EXEC = Options(
    "itqc:n:",
    "stdin=? tty=? quiet=? container= namespace= context= pod-running-timeout=",
)


def inside(call: Call, words: Sequence[Word], options: Options, operands: int = 1) -> Finding:
    """What runs in a container, after the options and so many words that name it."""
    texts = [word.text for word in words]
    if "--" in texts:
        at = texts.index("--")
        given = options.read(words[:at])
        if given.trouble or len(given.operands) != operands:
            return anywhere(call, given.trouble or "where it runs a command is not known")
        return call.command(words[at + 1 :])
    given = replace(options, operands_end=True).read(words)
    if given.trouble or any(word.several for word in given.operands[:operands]):
        return anywhere(call, given.trouble or "where it runs a command is known only when it runs")
    return call.command(given.operands[operands:])


def _kubectl(call: Call) -> Finding:
    found = find_verb(call.words, KUBECTL.options, KUBECTL.table)
    if found.path == ("exec",):
        return inside(call, found.rest, EXEC)
    judged = KUBECTL.judge(call)
    shows = found.path in (("get",), ("describe",)) and any(
        SECRETS.fullmatch(word.text) for word in found.rest
    )
    raw = found.path == ("config", "view") and any(word.text.startswith("--raw") for word in found.rest)
    if judged.effect is READ_ONLY and (shows or raw):
        return replace(judged, marks=(*judged.marks, CONFIDENTIAL))
    return judged


HELM_READING = Options(
    "n::o::f::aAqm::",
    " ".join(
        f"{name}=?"
        for name in listed(
            "namespace kube-context output all all-namespaces filter max revision short date "
            "reverse show-resources show-desc failed deployed pending superseded uninstalled "
            "values set set-string set-file version devel repo regexp versions include-crds "
            "no-hooks show-only validate api-versions kube-version template offset strict "
            "with-subcharts name-template is-upgrade skip-tests debug"
        )
    ),
)
HELM = Cli(
    verbs(
        READ_ONLY,
        "list,ls,status,history,hist,env,version,lint,verify,show chart,show values,"
        "show readme,show all,search repo,search hub,repo list,get manifest,get notes,"
        "get hooks,get metadata,dependency list,plugin list,template",
        options=HELM_READING,
    )
    | verbs(READ_ONLY, "get values,get all", options=HELM_READING, marks=(CONFIDENTIAL,))
    | verbs(
        CHANGING,
        "install,upgrade,rollback,pull,push,package,repo add,repo update,test,create",
        worse={"--force": DESTRUCTIVE},
    )
    | verbs(DESTRUCTIVE, "uninstall,delete,del,un,repo remove,plugin uninstall"),
    Options("n:", "namespace= kube-context= debug burst-limit="),
)
OTHER_CLUSTER = {"--kubeconfig": CHANGING, "--server": CHANGING, "-c": CHANGING}
"""Such a file may name programs to run, and who is asked gets to see the credentials."""
EKSCTL = Cli(
    verbs(READ_ONLY, "get,version,info", worse=OTHER_CLUSTER)
    | verbs(CHANGING, "create,scale,upgrade,update")
    | verbs(DESTRUCTIVE, "delete,drain")
)
ISTIOCTL = Cli(
    verbs(
        READ_ONLY,
        "proxy-status,ps,proxy-config clusters,proxy-config listeners,proxy-config routes,"
        "proxy-config endpoints,proxy-config cluster,proxy-config route,proxy-config endpoint,"
        "proxy-config listener,pc clusters,pc listeners,pc routes,pc endpoints,analyze,"
        "version",
        worse=OTHER_CLUSTER,
    )
    | verbs(CHANGING, "install,upgrade")
    | verbs(DESTRUCTIVE, "uninstall"),
    Options("n:i:", "namespace= context= istioNamespace="),
)
ARGOCD = Cli(
    verbs(
        READ_ONLY,
        "app get,app list,app diff,app history,app resources,app logs,app manifests,cluster "
        "list,repo list,proj list,version",
        worse=OTHER_CLUSTER,
    )
    | verbs(
        CHANGING,
        "app sync,app set,app create,app rollback,app patch",
        worse={"--prune": DESTRUCTIVE, "--force": DESTRUCTIVE},
    )
    | verbs(DESTRUCTIVE, "app delete,app terminate-op,app delete-resource,cluster rm,repo rm,proj delete"),
    Options("", "server= auth-token= grpc-web insecure plaintext"),
)
FLUX = Cli(
    verbs(READ_ONLY, "get,logs,events,stats,check,tree,version,diff,trace", worse=OTHER_CLUSTER)
    | verbs(CHANGING, "reconcile,suspend,resume,create,install,bootstrap")
    | verbs(DESTRUCTIVE, "delete,uninstall"),
    Options("n:", "namespace= context="),
)
KUBERNETES: dict[str, Rule] = {
    **dict.fromkeys(listed("kubectl oc"), By(_kubectl)),
    "helm": HELM,
    "eksctl": EKSCTL,
    "istioctl": ISTIOCTL,
    "argocd": ARGOCD,
    "flux": FLUX,
}
