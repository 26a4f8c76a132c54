"""What statements of SQL do, told by their words; strings and comments in them are left out.

A function that is not known to only work something out may do anything, and so may a statement that has one.
"""

import re
from collections.abc import Iterator, Sequence

from diagnose.diagnosis.commands.call import short
from diagnose.diagnosis.commands.finding import Finding, changes, destroys, reads, worst
from diagnose.diagnosis.commands.listing import listed

TOKEN = re.compile(
    r"""(?P<skip>\s+|--(?=\s|$)[^\n\r]*|/\*(?![!+M])(?:(?!/\*).)*?\*/)
    |(?P<string>'(?:[^'\\]|'')*')
    |(?P<quoted>"[^"\\]*"|`[\w .$-]*`|\[\w[\w ]*\])
    |(?P<word>[A-Za-z_@][\w$@]*)
    |(?P<number>\d[\w.]*)
    |(?P<end>;|\\G)
    |(?P<sign>-(?!-)|/(?!\*)|[+*%<>=!|&^~?.,():\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
"""What MySQL, PostgreSQL and SQLite take for different things is no token: `#`, `--1`, a backslash in a
string, a comment within a comment.
"""
READ = {"SELECT", "WITH", "TABLE", "VALUES", "SHOW", "DESCRIBE", "DESC", "USE", "PRAGMA", "EXPLAIN"}
FRAMES = {
    "BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION", "BEGIN TRANSACTION", "BEGIN READ ONLY",
    "BEGIN TRANSACTION READ ONLY", "START TRANSACTION READ ONLY",
}  # fmt: skip
DESTROYS = {"DROP", "TRUNCATE", "DELETE", "PURGE", "KILL", "SHUTDOWN", "RESET"}
WRITES = {
    "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "DROP", "TRUNCATE", "ALTER", "CREATE", "GRANT", "REVOKE",
    "CALL", "EXECUTE", "COPY", "REPLACE", "NEXTVAL", "DO", "LOCK", "KILL", "ATTACH", "VACUUM",
}  # fmt: skip
BEFORE_PARENTHESIS = set(
    listed(
        "IN AND OR NOT EXISTS OVER FILTER USING ON AS FROM JOIN WHERE ANY ALL SOME BY SELECT "
        "CASE WHEN THEN ELSE LATERAL MATERIALIZED LIKE ILIKE BETWEEN LIMIT UNION INTERSECT "
        "EXCEPT DISTINCT GROUP HAVING VALUES EXPLAIN IS VARCHAR CHAR NUMERIC DECIMAL "
        "TIMESTAMP TIME INTERVAL ARRAY ROW WITHIN SET SETS END"
    )
)
FUNCTIONS = set(
    listed(
        "count sum avg min max coalesce nullif greatest least round floor ceil ceiling trunc "
        "abs sign mod power sqrt now current_timestamp current_date clock_timestamp "
        "statement_timestamp age date_trunc date_part extract to_char to_timestamp to_date "
        "make_interval date date_format date_sub date_add datediff timestampdiff "
        "unix_timestamp from_unixtime curdate curtime sysdate year month day hour minute "
        "second strftime datetime julianday length char_length octet_length lower upper trim "
        "ltrim rtrim substr substring left right position replace concat concat_ws "
        "group_concat string_agg array_agg array_length unnest json_agg jsonb_agg "
        "json_extract json_object jsonb_array_elements to_json row_to_json row_number rank "
        "dense_rank lag lead ntile first_value last_value percentile_cont percentile_disc "
        "stddev variance cast convert if ifnull isnull format version database schema user "
        "current_user current_database current_schema connection_id inet_client_addr "
        "pg_size_pretty pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size "
        "pg_database_size pg_tablespace_size pg_blocking_pids pg_backend_pid "
        "pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn "
        "pg_last_xact_replay_timestamp pg_current_wal_lsn pg_wal_lsn_diff "
        "pg_postmaster_start_time pg_get_indexdef pg_get_viewdef pg_get_constraintdef "
        "pg_get_expr pg_stat_get_activity pg_stat_file pg_lock_status obj_description "
        "current_setting txid_current_snapshot generate_series regexp_replace regexp_matches "
        "split_part md5 total_changes pragma_table_info aurora_version aurora_replica_status"
    )
)
MAY_BE_SET = {
    "STATEMENT_TIMEOUT",
    "LOCK_TIMEOUT",
    "TIMEZONE",
    "MAX_EXECUTION_TIME",
    "APPLICATION_NAME",
    "NAMES",
}
PRAGMAS = set(
    listed(
        "TABLE_INFO TABLE_LIST INDEX_LIST INDEX_INFO INTEGRITY_CHECK QUICK_CHECK PAGE_COUNT "
        "FREELIST_COUNT USER_VERSION COMPILE_OPTIONS DATABASE_LIST FOREIGN_KEY_CHECK "
        "FOREIGN_KEY_LIST"
    )
)
PLAN_OPTIONS = set(
    listed(
        "( ) , ANALYZE ANALYSE VERBOSE COSTS BUFFERS FORMAT JSON TEXT YAML XML ON OFF TRUE "
        "FALSE TIMING SUMMARY SETTINGS WAL GENERIC_PLAN"
    )
)
LOCKS = {"UPDATE", "SHARE"}


def judge_sql(text: str, program: str) -> Finding:
    """The worst of the statements in a text."""
    statements = list(_statements(text))
    if None in statements:
        return worst([changes(f"{program}: its SQL cannot be taken apart"), *_by_words(text, program)])
    findings = [_statement(statement, program) for statement in statements if statement]
    return worst(findings or [reads(f"{program} is given no statement")])


def _statements(text: str) -> Iterator[list[str] | None]:
    """Each statement as its words and signs; None stands for what cannot be read."""
    statement: list[str] = []
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            yield None
            return
        at = found.end()
        kind = found.lastgroup
        if kind == "end":
            yield statement
            statement = []
        elif kind in ("string", "quoted"):
            statement.append("''" if kind == "string" else '""')
        elif kind != "skip":
            statement.append(found[0])
    yield statement


def _by_words(text: str, program: str) -> Iterator[Finding]:
    """What stands in a text that cannot be read may be run."""
    for word in re.findall(r"[A-Za-z]+", text):
        if word.upper() in DESTROYS:
            yield destroys(f"{program} may run {word.upper()}")


def _statement(words: Sequence[str], program: str) -> Finding:
    upper = [word.upper() for word in words]
    first = upper[0]
    if first in DESTROYS:
        return destroys(f"{program} runs {first}, which deletes or ends something")
    if first == "UPDATE" and "WHERE" not in upper:
        return destroys(f"{program} runs UPDATE on every row")
    if " ".join(upper) in FRAMES:
        return reads(f"{program} only reads")
    if first == "SET":
        return _setting(upper, program)
    if first not in READ:
        return changes(f"{program} runs {short(first)}, which changes something")
    if first in ("EXPLAIN", "DESCRIBE", "DESC"):
        return _explained(upper, words, program)
    if first in ("SELECT", "WITH", "TABLE", "VALUES"):
        return _query(upper, words, program)
    return _shown(upper, program)


def _shown(upper: Sequence[str], program: str) -> Finding:
    """SHOW, USE and PRAGMA, which take no expression and end with their line."""
    asks = {
        "SHOW": "(" not in upper,
        "USE": len(upper) == 2,
        "PRAGMA": "=" not in upper and upper[1:2] and upper[1] in PRAGMAS,
    }
    if asks[upper[0]]:
        return reads(f"{program} only reads")
    return changes(f"{program} runs {upper[0]} with what is not known to only read")


def _setting(upper: Sequence[str], program: str) -> Finding:
    names = [word for word in upper[1:3] if word not in ("LOCAL", "SESSION")]
    if names and names[0] in MAY_BE_SET and not {"(", ","} & set(upper):
        return reads(f"{program} only sets its own session")
    return changes(f"{program} runs SET, which may reach beyond its session")


def _explained(upper: Sequence[str], words: Sequence[str], program: str) -> Finding:
    """A plan alone runs nothing; with ANALYZE the statement is run."""
    if upper[1:2] == ["("] and not set(upper[1 : upper.index(")") if ")" in upper else None]) <= PLAN_OPTIONS:
        return changes(f"{program} asks for a plan with options that are not known here")
    if not {"ANALYZE", "ANALYSE"} & set(upper):
        return reads(f"{program} shows a plan")
    starts = [at for at, word in enumerate(upper) if at and (word in READ | WRITES or word in DESTROYS)]
    if not starts:
        return changes(f"{program} runs EXPLAIN ANALYZE of what is not known here")
    return _statement(words[starts[0] :], program)


def _query(upper: Sequence[str], words: Sequence[str], program: str) -> Finding:
    deadly = [word for word in upper if word in DESTROYS and word != "RESET"]
    if deadly:
        return destroys(f"{program} runs {deadly[0]} within a query")
    calls = [at for at, word in enumerate(words[1:]) if word == "("]
    for at in calls:
        name = words[at]
        if name.lower() == "pg_terminate_backend":
            return destroys(f"{program} ends sessions by pg_terminate_backend")
    for at in calls:
        name = words[at]
        qualified = at > 1 and words[at - 1] == "." and words[at - 2].lower() != "pg_catalog"
        is_name = re.fullmatch(r"\w+", name) or name in ('""', "''")
        known = name.lower() in FUNCTIONS and not qualified
        if is_name and not known and name.upper() not in BEFORE_PARENTHESIS and not _is_cte(upper, at):
            return changes(f"{program} calls {short(name)}(), which is not known to only read")
    written = [word for at, word in enumerate(upper) if word in WRITES and upper[at + 1 : at + 2] != ["("]]
    if written:
        return changes(f"{program} runs {written[0]} within a query")
    if any(word == "FOR" and set(upper[at + 1 : at + 4]) & LOCKS for at, word in enumerate(upper)):
        return changes(f"{program} locks the rows that it reads")
    return reads(f"{program} only reads")


def _is_cte(upper: Sequence[str], at: int) -> bool:
    """Whether a name before a parenthesis is that of a query after WITH, which lists its columns."""
    return upper[0] == "WITH" and at > 0 and upper[at - 1] in ("WITH", "RECURSIVE") and "AS" in upper[at:]
