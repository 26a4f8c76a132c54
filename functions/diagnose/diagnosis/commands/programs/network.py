"""Programs that speak to others over the network, and those that show or set it."""

import re
from dataclasses import dataclass

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
from diagnose.diagnosis.commands.programs.kinds import Always, Cli, Reads, verbs
from diagnose.diagnosis.commands.redirections import written
from diagnose.diagnosis.commands.shell.words import Word

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OTHER_PROTOCOL = re.compile(
    r"(?!https?://|ftp://)[a-z][a-z0-9+.-]*://|(?:dict|ldap|imap|smtp|pop3|ftp)\.", re.IGNORECASE
)
"""What curl speaks with a server by such an address may be orders to it."""
FROM_FILES = {"d", "data", "data-urlencode", "H", "header"}
CURL = Options(
    "sSfLkvIi46gGm:H:u:A:e:x:w:o:X:d:r:b:N",
    "silent show-error fail location insecure verbose head include get max-time= header= "
    "user= user-agent= referer= proxy= write-out= output= request= data= url= "
    "connect-timeout= retry= retry-delay= compressed http1.1 http2 cacert= cert= key= "
    "resolve= connect-to= range= cookie= fail-with-body no-progress-meter globoff ipv4 "
    "ipv6 tlsv1.2 tlsv1.3 aws-sigv4= unix-socket= data-urlencode= no-buffer max-redirs= "
    "path-as-is",
)


@dataclass(frozen=True)
class Sends:
    """A program whose words go to another machine: what is put in when it runs may be a secret."""

    rule: Rule

    def judge(self, call: Call) -> Finding:
        found = self.rule.judge(call)
        if any(word.made and not _is_glob(word.text) for word in call.words):
            return found.at_least(CHANGING, f"{call.name} sends what is known only when it runs")
        return found


def _is_glob(text: str) -> bool:
    """Whether a word is made up of file names at most, as an address with `?` in it is not."""
    return "$" not in text and "`" not in text


def _method(call: Call, methods: list[Word]) -> Finding | None:
    for method in methods:
        if method.text == "DELETE":
            return destroys(f"{call.name} sends DELETE")
        if method.made or method.text not in SAFE_METHODS:
            return changes(f"{call.name} sends {short(method.text)}")
    return None


def _curl(call: Call) -> Finding:
    given = CURL.read(call.words)
    requested = _method(call, given.values("X", "request"))
    if not requested and "DELETE" in {
        word.text.removeprefix("-X").removeprefix("--request=") for word in call.words
    }:
        requested = destroys("curl sends DELETE")
    if given.trouble:
        return worst([changes(f"curl: {given.trouble}"), *([requested] if requested else [])])
    texts = [value.text for name, value in given.options if name in FROM_FILES]
    if any(text.startswith("@") for text in texts) or any(
        "@" in value.text.partition("=")[0] for value in given.values("data-urlencode")
    ):
        return changes("curl sends a file")
    sends = given.has("d", "data", "data-urlencode")
    if not requested and sends and not given.has("G", "get"):
        requested = changes("curl sends data")
    if any(
        "%output" in value.text or value.made or value.text.startswith("@")
        for value in given.values("w", "write-out")
    ):
        return changes("curl may write files by its format")
    outputs = [written(value, whole=True) for value in given.values("o", "output") if value.text != "-"]
    addresses = [*given.operands, *given.values("url")]
    if odd := [word for word in addresses if OTHER_PROTOCOL.match(word.text)]:
        return changes(f"curl may send orders by {short(odd[0].text)}")
    findings = [found for found in (requested, *outputs) if found]
    return worst(findings or [reads("curl only fetches")])


def _wget(call: Call) -> Finding:
    given = Options(
        "qST:t:O:",
        "quiet spider timeout= tries= output-document= server-response no-check-certificate header=",
    ).read(call.words)
    if given.trouble:
        return changes(f"wget: {given.trouble}")
    outputs = given.values("O", "output-document")
    if given.has("spider") or (outputs and outputs[-1].text in ("-", "/dev/null", "/dev/stdout")):
        return reads("wget only fetches")
    return changes("wget writes files")


def _httpie(call: Call) -> Finding:
    given = Options("vhb", "verbose headers body timeout= verify= follow").read(call.words)
    if given.trouble or call.fed is not None:
        return changes(f"{call.name}: {given.trouble or 'it sends its input'}")
    operands = given.operands
    method = [operands[0]] if operands and operands[0].text.isalpha() and operands[0].text.isupper() else []
    items = operands[len(method) + 1 :]
    if found := _method(call, method):
        return found
    if any(word.made or not re.fullmatch(r"[\w-]+(?:==|:(?!=))[^=@]*", word.text) for word in items):
        return changes(f"{call.name} sends data")
    return reads(f"{call.name} only fetches")


S_CLIENT = Options(
    "",
    "connect= servername= showcerts tls1_2 tls1_3 brief alpn= status verify= CAfile= CApath= starttls= quiet "
    "verify_return_error no_ign_eof 4 6",
    single_dash=True,
)
X509 = Options(
    "",
    "in= noout text dates subject issuer enddate startdate fingerprint serial ext= "
    "checkend= inform= purpose sha256 hash",
    single_dash=True,
)


def _openssl(call: Call) -> Finding:
    words = [word.text for word in call.words]
    tables = {"s_client": S_CLIENT, "x509": X509, "version": Options("a"), "ciphers": Options("v")}
    table = tables.get(words[0]) if words else None
    if not table:
        return changes("openssl may write files or speak to others")
    given = table.read(call.words[1:])
    if given.trouble:
        return changes(f"openssl {words[0]}: {given.trouble}")
    if (
        words[0] == "s_client"
        and call.fed is not None
        and (call.fed.made or call.fed.text not in ("", "Q", "\n"))
    ):
        return changes("openssl s_client sends what it is given to the other side")
    return reads(f"openssl {words[0]} only reads")


IP_OBJECTS = "address addr a link l route r ro rule neigh neighbour n netns maddress tunnel tcp_metrics"
IP_READS = {"show", "list", "ls", "get", "sh", "l", "lst"}


def _ip(call: Call) -> Finding:
    given = Options(
        "sdo46jhcNrtpi",
        "brief br stats statistics details oneline json color family= br4",
        single_dash=True,
        operands_end=True,
    ).read([Word("--brief") if word.text == "-br" else word for word in call.words])
    texts = [word.text for word in given.operands]
    if given.trouble or not texts or any(word.made for word in given.operands[:3]):
        return changes(f"ip: {given.trouble or 'what it does is not known'}")
    if texts[:2] == ["netns", "exec"]:
        return call.command(given.operands[3:])
    verb = texts[1] if len(texts) > 1 else "show"
    if texts[0] in IP_OBJECTS.split() and verb in IP_READS:
        return reads("ip only reads")
    if verb.startswith(("d", "f")):
        return destroys(f"ip {short(texts[0])} {short(verb)} takes a part of the network away")
    return changes(f"ip {short(texts[0])} {short(verb)} sets the network")


def _netcat(call: Call) -> Finding:
    given = Options("zvnuw:46").read(call.words)
    if given.trouble or not given.has("z"):
        return changes(f"{call.name} sends what it is given to the other side, or listens")
    return reads(f"{call.name} -z only tries to connect")


CAPTURES = "It sees the contents of traffic, and slows a busy machine."
FIREWALL = Reads(
    Options("LSnvxt:", "list=? line-numbers numeric verbose table= list-rules=?"),
    changing="-A -I -N -P -R -E -Z --append --insert --policy",
    destroying="-F -X -D --flush --delete --delete-chain",
)
NETWORK: dict[str, Rule] = {
    "curl": Sends(By(_curl)),
    "wget": Sends(By(_wget)),
    **dict.fromkeys(listed("http https"), Sends(By(_httpie))),
    "openssl": Sends(By(_openssl)),
    "ip": By(_ip),
    **dict.fromkeys(listed("nc ncat netcat"), Sends(By(_netcat))),
    "netstat": Always(READ_ONLY),
    **dict.fromkeys(listed("dig nslookup host whois"), Sends(Always(READ_ONLY))),
    "ping": Sends(Reads(Options("c:i:W:w:s:46nqM:I:t:DO"))),
    **dict.fromkeys(
        listed("traceroute tracepath traceroute6 mtr"),
        Reads(Options("rwnbTIUc:i:m:q:p:46l", "report report-wide no-dns tcp udp port= report-cycles=")),
    ),
    "ss": Reads(
        Options(
            "tulnpaemioswHxr46OTZ",
            "tcp udp listening numeric processes all extended memory info summary no-header",
        ),
        destroying="-K --kill",
    ),
    "ifconfig": Reads(Options("a"), operands=1),
    "route": Reads(Options("nee"), operands=0),
    "arp": Reads(Options("an"), operands=1),
    "ethtool": Reads(Options("Sikgalcmnx", ""), operands=1),
    **dict.fromkeys(listed("iptables ip6tables"), FIREWALL),
    **dict.fromkeys(listed("iptables-save ip6tables-save"), Reads(Options("ct:"), operands=0)),
    "nft": Cli(verbs(READ_ONLY, "list") | verbs(DESTRUCTIVE, "flush,delete,destroy"), Options("na")),
    "conntrack": Reads(Options("LSCp:s:d:", "dport= sport= src= dst="), destroying="-D -F"),
    "tcpdump": Reads(Options("nlveqtXASxp#i:c:s:r:", ""), marks=(CAPTURES,)),
    "telnet": Always(CHANGING, "sends what is typed to the other side"),
    "ntpq": Reads(Options("pnc:")),
    "chronyc": Cli(
        verbs(READ_ONLY, "tracking,sources,sourcestats,activity,ntpdata")
        | verbs(CHANGING, "makestep,burst,online,offline"),
        Options("n"),
    ),
}
