"""gcloud and az: nouns, and then a verb; what stands before the verb must be a noun that is known."""

import re

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import Finding, changes, destroys, reads
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options

CONFIDENTIAL = "It shows secrets."
READS = re.compile(
    r"list|ls|describe|show|read|get-value|tail|query|(?:list|show|check)-[a-z-]+|get-(?:iam-policy|health|status|[a-z-]*view)"
)
DESTROYS = re.compile(
    r"(?:.*-)?(?:delete|destroy|purge|remove|reset|deallocate|stop|rm|abandon|wipe)(?:-.*)?"
)
ISSUES = re.compile(r"get-(?:credentials|access-token|.*-token|.*password)|print-.*")
NOUNS = set(
    listed(
        "compute instances instance-groups managed disks networks subnets firewall-rules "
        "forwarding-rules backend-services health-checks addresses routers regions zones "
        "machine-types snapshots images container clusters node-pools operations sql "
        "databases backups logging logs metrics monitoring dashboards policies projects "
        "services run revisions jobs executions functions pubsub topics subscriptions iam "
        "service-accounts roles keys storage buckets objects redis dns managed-zones "
        "record-sets secrets versions config configurations auth alpha beta organizations "
        "folders app spanner bigtable dataflow dataproc composer environments artifacts "
        "repositories builds vm vmss aks nodepool account group network nic nsg rule vnet "
        "subnet lb public-ip blob monitor log-analytics activity-log alert webapp functionapp "
        "plan server db postgres flexible-server mysql cosmosdb keyvault secret acr "
        "repository resource ad user sp role assignment definition servicebus queue topic "
        "eventhubs namespace zone record-set diagnostic-settings log graph"
    )
)
OPTIONS = Options(
    "o:g:n:s:",
    "project= account= configuration= format= quiet verbosity= region= zone= output= subscription= query= "
    "only-show-errors resource-group= debug verbose",
    operands_end=True,
)
FILES = ("--file", "--output-file", "--flags-file")
SHOWS_SECRETS = ("secret", "keys", "connection-string")


def _cloud(call: Call) -> Finding:
    given = OPTIONS.read(call.words)
    trouble = given.trouble
    for word in [] if trouble else given.operands:
        text = word.text
        if READS.fullmatch(text) and not word.made:
            return _reading(call, text)
        if ISSUES.fullmatch(text):
            return changes(f"{call.name} {short(text)} writes or shows credentials", CONFIDENTIAL)
        if word.made or text not in NOUNS:
            trouble = f"“{short(text)}” is in no table of what only reads"
            break
    destroying = [word.text for word in call.words if DESTROYS.fullmatch(word.text)]
    if destroying:
        return destroys(f"{call.name} {short(destroying[0])} deletes or ends something")
    return changes(f"{call.name}: {trouble or 'it is told nothing'}")


def _reading(call: Call, verb: str) -> Finding:
    if any(word.text.startswith(FILES) or word.may_be_option for word in call.words):
        return changes(f"{call.name} {short(verb)} reads or writes what is not seen here")
    secret = any(part in word.text for word in call.words for part in SHOWS_SECRETS)
    return reads(f"{call.name} … {verb} only reads", *([CONFIDENTIAL] if secret else []))


OTHER_CLOUDS: dict[str, Rule] = dict.fromkeys(("gcloud", "az"), By(_cloud))
