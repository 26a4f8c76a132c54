"""The clients of SQL databases: where their statements are, and what else they do."""

import re
from collections.abc import Sequence

from diagnose.diagnosis.commands.call import By, Call, Rule
from diagnose.diagnosis.commands.databases.sql import judge_sql
from diagnose.diagnosis.commands.finding import Finding, changes, destroys, reads, worst
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Reads
from diagnose.diagnosis.commands.shell.words import ANYTHING, Word

HEAVY = "It reads whole tables and may hold locks."
PSQL = Options(
    "h:p:U:d:c:AtxXqwWF:R:P:EeabnlHz01V",
    "host= port= username= dbname= command= no-align tuples-only expanded no-psqlrc quiet "
    "no-password csv html list field-separator= pset= echo-all echo-hidden "
    "single-transaction version",
)
PSQL_SHOWS = re.compile(
    r"\\(?:d[A-Za-z]{0,3}[+S]*|l\+?|x|timing|conninfo|encoding|z|sf\+?|sv\+?|q)(?:\s+[\w.*\"]+)*\s*"
)
MYSQL = Options(
    "h:P:u:p::e:D:NBsrtEnvVS:",
    "host= port= user= password=? execute= database= skip-column-names batch silent raw "
    "table vertical ssl-mode= socket= connect-timeout= protocol= default-character-set= "
    "ssl-ca= version safe-updates i-am-a-dummy",
)
SQLITE = Options(
    "",
    "readonly header noheader column json csv line list markdown table box batch bail "
    "html quote separator= cmd= version",
    single_dash=True,
)
SQLITE_SHOWS = re.compile(
    r"\.(?:tables|schema|indexes|indices|databases|dbinfo|mode|headers?|stats|width)(?:\s+[\w.%*]+)*\s*"
)


def _statements(call: Call, texts: Sequence[Word], shows: re.Pattern[str] | None) -> Finding:
    """The worst of the texts that are given by options, or else by the input."""
    if not texts:
        if call.fed is None:
            return changes(f"{call.name} opens a session")
        if call.fed is ANYTHING:
            return changes(f"{call.name} runs whatever it is given through a pipe or from a file")
        texts = [call.fed]
    findings = [
        judge_sql(text.text, call.name)
        for text in texts
        if not (shows and shows.fullmatch(text.text.strip()))
    ]
    if any(text.made for text in texts):
        findings.append(changes(f"{call.name} is given SQL that is known only when it runs"))
    return worst(findings or [reads(f"{call.name} only reads")])


def _psql(call: Call) -> Finding:
    given = PSQL.read(call.words)
    texts = given.values("c", "command")
    if given.trouble:
        return worst([changes(f"psql: {given.trouble}"), *(judge_sql(text.text, "psql") for text in texts)])
    if given.has("l", "list", "V", "version") and not texts:
        return reads("psql only lists databases")
    if any("options" in value.text.lower() for value in (*given.operands, *given.values("d", "dbname"))):
        return changes("psql is told options of the server")
    if any(re.search(r"(?<!:):[A-Za-z_'\"{]", text.text) for text in (*texts, call.fed or Word(""))):
        return changes("psql is given SQL with variables")
    return _statements(call, texts, PSQL_SHOWS)


def _mysql(call: Call) -> Finding:
    given = MYSQL.read(call.words)
    texts = given.values("e", "execute")
    if given.trouble:
        return worst(
            [changes(f"{call.name}: {given.trouble}"), *(judge_sql(text.text, call.name) for text in texts)]
        )
    if given.has("V", "version"):
        return reads(f"{call.name} --version only reads")
    return _statements(call, texts, None)


def _sqlite(call: Call) -> Finding:
    given = SQLITE.read(call.words)
    if given.trouble:
        return changes(f"{call.name}: {given.trouble}")
    return _statements(call, [*given.values("cmd"), *given.operands[1:]], SQLITE_SHOWS)


MYSQLADMIN_READS = {"status", "extended-status", "processlist", "ping", "variables", "version"}
MYSQLADMIN_DESTROYS = {"drop", "shutdown", "kill"}


def _mysqladmin(call: Call) -> Finding:
    given = Options(
        "h:P:u:p::i:c:S:rv", "host= port= user= password=? sleep= count= relative verbose socket="
    ).read(call.words)
    orders = {word.text for word in given.operands}
    if orders & MYSQLADMIN_DESTROYS:
        return destroys("mysqladmin ends or deletes something")
    if given.trouble or any(word.made for word in given.operands) or not orders or orders - MYSQLADMIN_READS:
        return changes(f"mysqladmin: {given.trouble or 'it is told to change something'}")
    return reads("mysqladmin only reads")


PG_DUMP = Options(
    "h:p:U:d:t:n:T:N:asOxCcwF:v",
    "host= port= username= dbname= table= schema= schema-only data-only no-owner "
    "no-privileges clean create format= verbose",
)
MYSQLDUMP = Options(
    "h:P:u:p::dtRS:",
    "host= port= user= password=? single-transaction no-data no-create-info routines "
    "triggers databases all-databases quick skip-lock-tables where= socket= "
    "no-tablespaces column-statistics= set-gtid-purged=",
)
CLIENTS: dict[str, Rule] = {
    "psql": By(_psql),
    **dict.fromkeys(listed("mysql mariadb"), By(_mysql)),
    **dict.fromkeys(listed("sqlite3 sqlite"), By(_sqlite)),
    **dict.fromkeys(listed("mysqladmin mariadb-admin"), By(_mysqladmin)),
    **dict.fromkeys(listed("pg_dump pg_dumpall"), Reads(PG_DUMP, marks=(HEAVY,))),
    **dict.fromkeys(listed("mysqldump mariadb-dump"), Reads(MYSQLDUMP, marks=(HEAVY,))),
    "pg_isready": Reads(Options("h:p:U:d:t:q")),
}
