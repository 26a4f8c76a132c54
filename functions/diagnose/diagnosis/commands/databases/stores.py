"""Stores that are no SQL databases: documents, logs of events, keys."""

import re
from collections.abc import Sequence

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import (
    CHANGING,
    DESTRUCTIVE,
    READ_ONLY,
    Finding,
    changes,
    destroys,
    reads,
    worst,
)
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Action, Cli, Reads, verbs
from diagnose.diagnosis.commands.shell.words import Word

CONFIDENTIAL = "It shows secrets."
MONGO_READS = set(
    listed(
        "find findOne count countDocuments estimatedDocumentCount distinct aggregate limit "
        "skip sort explain pretty toArray hint project getCollection getSiblingDB "
        "getCollectionNames getCollectionInfos getIndexes stats serverStatus currentOp status "
        "conf isMaster hello printjson print  totalSize storageSize dataSize latencyStats "
        "dbStats printReplicationInfo printSecondaryReplicationInfo getReplicationInfo "
        "getProfilingStatus hostInfo version ISODate ObjectId NumberLong Date JSON stringify "
        "match size length maxTimeMS batchSize"
    )
)
MONGO_DESTROYS = re.compile(
    r"\b(?:drop\w*|delete\w*|remove\w*|findOneAndDelete|findAndModify|shutdownServer|killOp|convertToCapped)\s*\("
)
MONGO = Options(
    "h:u:p:",
    "host= port= username= password= eval= quiet authenticationDatabase= tls norc json=? tlsCAFile=",
    single_dash=False,
)


def _mongo(call: Call) -> Finding:
    given = MONGO.read(call.words)
    texts = given.values("eval")
    findings = [
        destroys(f"{call.name} deletes or ends something")
        for text in (*texts, *([call.fed] if call.fed else []))
        if MONGO_DESTROYS.search(text.text)
    ]
    if given.trouble or not texts or call.fed is not None or _runs_a_file(given.operands):
        return worst(
            [changes(f"{call.name}: {given.trouble or 'it opens a session or runs a file'}"), *findings]
        )
    return worst([*findings, *(_script(call.name, text.text, made=text.made) for text in texts)])


def _runs_a_file(operands: Sequence[Word]) -> bool:
    """Whether there is more than where the server is."""
    return len(operands) > 1 or any(
        word.made or not re.fullmatch(r"mongodb(?:\+srv)?://\S+|[\w-]+", word.text) for word in operands
    )


def _script(name: str, text: str, *, made: bool) -> Finding:
    """Only calls of known names, chained; nothing defined, set, indexed or written to a collection."""
    called = set(re.findall(r"([\w$]+)\s*\(", text))
    odd = re.search(
        r"\$(?:out|merge|where|function|accumulator)|=>|(?<![=!<>])=(?!=)|\]\s*[\[(]|\)\s*[\[(]|\bfunction\b|\?\.|//|/\*|[`\\]",
        text,
    )
    if made or odd or called - MONGO_READS or re.search(r"\b[\w$]+\s*\[", text):
        return changes(f"{name} runs what is not known to only read")
    return reads(f"{name} only reads")


KAFKA = (
    "bootstrap-server= topic= command-config= zookeeper= group= all-groups all-topics "
    "members verbose state=? offsets timeout="
)
DESCRIBES = "list describe"
KAFKA_ACTION = Action(
    DESCRIBES,
    Options(
        "",
        f"{KAFKA} list describe entity-type= entity-name= all under-replicated-partitions "
        "unavailable-partitions at-min-isr-partitions under-min-isr-partitions "
        "topics-with-overrides topic-list= broker-list= exclude-internal verify "
        "reassignment-json-file= principal= version",
    ),
    changing="--create --alter --reset-offsets --execute --add --election-type",
    destroying="--delete --delete-offsets --remove",
)
KAFKA_VERIFY = Action("verify list", KAFKA_ACTION.options, changing="--execute --generate --cancel")


def _consumer(call: Call) -> Finding:
    given = Options(
        "",
        "bootstrap-server= topic= from-beginning max-messages= timeout-ms= partition= offset= property= "
        "formatter-property=",
    ).read(call.words)
    if given.trouble:
        return changes(f"{call.name}: {given.trouble}")
    return reads(f"{call.name} only reads", "It shows the contents of messages.")


ETCD = Cli(
    verbs(
        READ_ONLY,
        "get,member list,endpoint status,endpoint health,endpoint hashkv,alarm list,version,"
        "user list,role list,lease list,lease timetolive,snapshot status",
        options=Options(
            "w:",
            "prefix keys-only count-only limit= from-key cluster write-out= hex rev= consistency= "
            "order= sort-by=",
        ),
    )
    | verbs(
        CHANGING,
        "put,txn,lease grant,member add,member promote,snapshot save,auth enable,move-leader,"
        "defrag,compaction",
    )
    | verbs(
        DESTRUCTIVE,
        "del,member remove,lease revoke,alarm disarm,snapshot restore,auth disable,user delete,role delete",
    ),
    Options(
        "w:",
        "endpoints= cacert= cert= key= user= password= write-out= dial-timeout= "
        "command-timeout= insecure-skip-tls-verify",
    ),
)
PD = Cli(
    verbs(
        READ_ONLY, "store,region,member,health,cluster,hot,scheduler,operator,config,stores,label", alone=True
    )
    | verbs(
        READ_ONLY,
        "config show,hot read,hot write,hot store,scheduler show,operator show,operator "
        "check,member leader show,region topread,region topwrite,region topsize,region "
        "check,region key,region store,region sibling,cluster "
        "status,tso,ping,min-resolved-ts,config placement-rules show,label store,stores show",
    )
    | verbs(
        CHANGING,
        "store label,store weight,store limit,config set,scheduler add,scheduler "
        "pause,scheduler resume,operator add",
    )
    | verbs(
        DESTRUCTIVE,
        "store delete,store remove-tombstone,stores remove-tombstone,member delete,scheduler "
        "remove,operator remove,unsafe remove-failed-stores,config delete",
    ),
    Options("u:di", "pd= cacert= cert= key= detach"),
)
TIKV = Cli(
    verbs(
        READ_ONLY,
        "raft region,raft log,size,scan,mvcc,print,region-properties,metrics,store,cluster,bad-regions",
        options=Options(
            "r:i:k:c:s:", "region= start= from= to= end= show-cf= limit= all-regions skip-tombstone"
        ),
    )
    | verbs(CHANGING, "compact,compact-cluster,split-region,modify-tikv-config,consistency-check")
    | verbs(DESTRUCTIVE, "tombstone,recover-mvcc,unsafe-recover,recreate-region,reset-to-version,fail"),
    Options("", "host= pd= data-dir= db= config= ca-path= cert-path= key-path=", single_dash=False),
)
ELSEWHERE = {f"{dashes}{name}": CHANGING for dashes in ("-", "--") for name in ("address", "http-addr")}
"""Who is asked gets to see the token."""
VAULT = Cli(
    verbs(
        READ_ONLY,
        "status,list,kv list,secrets list,auth list,policy list,policy read,audit list,"
        "version,operator raft list-peers",
    )
    | verbs(READ_ONLY, "kv get,token lookup,kv metadata get", marks=(CONFIDENTIAL,), worse=ELSEWHERE)
    | verbs(
        CHANGING, "read,write,kv put,kv patch,login,secrets enable,auth enable,operator unseal,lease renew"
    )
    | verbs(
        DESTRUCTIVE,
        "delete,kv delete,kv destroy,kv metadata delete,secrets disable,auth disable,lease "
        "revoke,token revoke,operator seal,policy delete",
    )
)
CONSUL = Cli(
    verbs(
        READ_ONLY,
        "members,info,catalog services,catalog nodes,kv get,operator raft list-peers,version,intention list",
    )
    | verbs(CHANGING, "kv put,reload,maint,join")
    | verbs(DESTRUCTIVE, "kv delete,leave,force-leave,operator raft remove-peer")
)


def _cqlsh(call: Call) -> Finding:
    from_options = Options("u:p:e:k:", "username= password= execute= ssl request-timeout= keyspace=").read(
        call.words
    )
    texts = from_options.values("e", "execute")
    if from_options.trouble or len(texts) != 1 or texts[0].made:
        return changes(f"cqlsh: {from_options.trouble or 'it opens a session'}")
    words = re.findall(r"\w+|[;(]", texts[0].text.upper())
    if {"DROP", "TRUNCATE", "DELETE"} & set(words):
        return destroys("cqlsh deletes something")
    first_only = ";" not in words or words.index(";") == len(words) - 1
    if words[:1] in (["SELECT"], ["DESCRIBE"], ["DESC"]) and first_only and "'" not in texts[0].text:
        return reads("cqlsh only reads")
    return changes(f"cqlsh runs {short(' '.join(words[:1]))}")


STORES: dict[str, Rule] = {
    **dict.fromkeys(listed("mongosh mongo"), By(_mongo)),
    **{
        f"kafka-{tool}{end}": KAFKA_ACTION
        for tool in ("topics", "consumer-groups", "configs", "log-dirs", "acls")
        for end in ("", ".sh")
    },
    **{f"kafka-reassign-partitions{end}": KAFKA_VERIFY for end in ("", ".sh")},
    **{f"kafka-console-consumer{end}": By(_consumer) for end in ("", ".sh")},
    **{
        f"kafka-{tool}{end}": Reads(Options("", KAFKA))
        for tool in ("broker-api-versions", "get-offsets")
        for end in ("", ".sh")
    },
    "etcdctl": ETCD,
    "pd-ctl": PD,
    "tikv-ctl": TIKV,
    "vault": VAULT,
    "consul": CONSUL,
    "cqlsh": By(_cqlsh),
}
