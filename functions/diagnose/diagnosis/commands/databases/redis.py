"""redis-cli: the command that it sends."""

import shlex
from collections.abc import Sequence

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import Finding, changes, destroys, reads, worst
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.shell.words import ANYTHING, Word

OPTIONS = Options(
    "h:p:a:n:u:s:cr:i:t:23e",
    "user= pass= tls cacert= cert= key= sni= no-auth-warning raw no-raw json csv bigkeys "
    "memkeys hotkeys scan pattern= stat latency latency-history latency-dist "
    "intrinsic-latency= insecure count= version askpass quoted-pattern=",
    single_dash=False,
    operands_end=True,
)
READS = set(
    listed(
        "get mget strlen getrange substr exists ttl pttl expiretime type object dbsize "
        "lastsave time ping echo role info scan sscan hscan zscan hget hmget hlen hexists "
        "hkeys hvals hgetall hstrlen hrandfield llen lindex lrange lpos scard sismember "
        "smismember smembers srandmember sinter sunion sdiff sintercard zcard zcount zscore "
        "zmscore zrange zrangebyscore zrevrange zrevrangebyscore zrank zrevrank zlexcount "
        "zrangebylex zrandmember xlen xrange xrevrange xread xinfo xpending bitcount bitpos "
        "getbit bitfield_ro pfcount geopos geodist geohash geosearch georadius_ro sort_ro "
        "dump randomkey lolwut command wait subscribe psubscribe keys monitor lcs quit"
    )
)
GROUPS = {
    "config": {"get"},
    "client": {"list", "info", "getname", "id"},
    "slowlog": {"get", "len"},
    "latency": {"latest", "history", "doctor", "graph", "histogram"},
    "memory": {"usage", "stats", "doctor", "malloc-stats"},
    "cluster": {"info", "nodes", "slots", "shards", "keyslot", "countkeysinslot", "myid", "links"},
    "pubsub": {"channels", "numsub", "numpat", "shardchannels"},
    "acl": {"list", "whoami", "getuser", "cat", "users"},
    "module": {"list"},
    "function": {"list", "stats"},
    "sentinel": {
        "masters",
        "master",
        "replicas",
        "slaves",
        "sentinels",
        "get-master-addr-by-name",
        "ckquorum",
    },
}
DESTROYS = set(
    listed("flushall flushdb del unlink shutdown getdel ltrim xtrim xdel spop hdel srem zrem debug swapdb")
)
DESTROYING_GROUPS = {
    ("client", "kill"),
    ("cluster", "reset"),
    ("cluster", "forget"),
    ("script", "flush"),
    ("function", "flush"),
}
HEAVY = {
    "keys": "KEYS holds every other request up while it walks all keys; SCAN does not.",
    "monitor": "MONITOR shows every request with its data and slows the server down.",
    "hgetall": "It reads the whole value, however large.",
    "smembers": "It reads the whole value, however large.",
}


def _redis_cli(call: Call) -> Finding:
    given = OPTIONS.read(call.words)
    orders = given.operands
    if given.trouble:
        texts = [word.text.lower() for word in call.words]
        if worse := [text for text in texts if text in DESTROYS]:
            return destroys(f"{call.name} may send {worse[0].upper()}")
        return changes(f"{call.name}: {given.trouble}")
    if any(word.made for word in orders):
        return worst(
            [changes(f"{call.name} sends what is known only when it runs"), _sent(call.name, orders)]
        )
    if orders:
        return _sent(call.name, orders)
    if given.has("bigkeys", "memkeys", "hotkeys", "scan"):
        return reads(f"{call.name} only reads", "It walks all keys, which takes long on a large server.")
    if given.has("stat", "latency", "latency-history", "latency-dist", "intrinsic-latency", "version"):
        return reads(f"{call.name} only reads")
    if call.fed is None or call.fed is ANYTHING or call.fed.made:
        return changes(f"{call.name} sends whatever it is given")
    return _lines(call.name, call.fed.text)


def _lines(name: str, text: str) -> Finding:
    findings = []
    for line in text.splitlines():
        try:
            words = shlex.split(line)
        except ValueError:
            return changes(f"{name} is given a line that cannot be taken apart")
        if words:
            findings.append(_sent(name, [Word(word) for word in words]))
    return worst(findings or [reads(f"{name} is given nothing")])


def _sent(program: str, words: Sequence[Word]) -> Finding:
    if any(word.made for word in words[:2]) and (words[0].made or words[0].text.lower() in GROUPS):
        return changes(f"{program} sends what is known only when it runs")
    order = words[0].text.lower()
    second = words[1].text.lower() if len(words) > 1 else ""
    if order in DESTROYS or (order, second) in DESTROYING_GROUPS:
        return destroys(f"{program} sends {order.upper()} {second if order in GROUPS else ''}".rstrip())
    if order in GROUPS and second in GROUPS[order]:
        return reads(f"{program} only reads")
    if order in READS:
        return reads(f"{program} only reads", *([HEAVY[order]] if order in HEAVY else []))
    return changes(f"{program} sends {short(order.upper())}, which is in no table of what only reads")


REDIS: dict[str, Rule] = {name: By(_redis_cli) for name in ("redis-cli", "valkey-cli", "keydb-cli")}
