"""The table of what is a secret by its own shape or by the words before it.

A new rule is one line: its kind, the words that it starts with, and the pattern of what follows them. The
words are looked for first and the pattern is tried there alone, so a rule costs next to nothing where they do
not occur. To stay linear, a pattern must be bounded wherever it can still fail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from diagnose.evidence.redaction.checks import (
    has_digit,
    holds_private_key,
    is_login,
    is_mixed,
    is_no_word,
    is_secret_login,
)

END = r"(?![A-Za-z0-9])"
ARMOUR = r"[ +_]{0,2}"
IS = r"""[\"']?\s{0,8}(?:=>|[:=])\s{0,8}[\"']?"""
"""What stands between a name and its value, in headers, JSON and the like."""
PARAMETER = r"=(?P<secret>[^&\s\"'<>#\\=]{16,4096}={0,2})"
COOKIE = r"[^\s=;,\"']{1,128}=[^\s;,\"']{0,4096}"
USER = r"[^\s/:@?#\"'<>]{0,256}"


@dataclass(frozen=True)
class Rule:
    """A kind of secret: one of `starts`, which stand apart by bars, and then `rest`.

    The secret is all of it, or the group `secret`; `check` has the last word. `any_case` is for words written
    in small and in capital letters, `inside` for those that may follow a letter or a digit. `exact` says that
    the pattern knows where the secret ends, even when a line ends within.
    """

    kind: str
    starts: str
    rest: str
    check: Callable[[str], bool] | None = None
    any_case: bool = False
    inside: bool = False
    exact: bool = False

    @property
    def words(self) -> list[str]:
        return self.starts.split("|")

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.rest, re.IGNORECASE if self.any_case else 0)


RULES = (
    Rule(
        "private-key",
        "-----BEGIN",
        rf"{ARMOUR}[A-Z0-9 +_]{{0,40}}PRIVATE{ARMOUR}KEY{ARMOUR}(?:BLOCK)?-----"
        r"(?:[A-Za-z0-9+/=\s:,.\\>|#()*\"']|-(?!----)){0,40000}(?:-----END[A-Z0-9 +_]{0,60}-----)?",
        inside=True,
        exact=True,
    ),
    Rule("private-key", "LS0tLS1CRUdJTi", r"(?<![+/].{14})[A-Za-z0-9+/]{40,40000}={0,2}", holds_private_key),
    Rule("private-key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}", exact=True),
    Rule("aws-access-key", "AKIA|ASIA|ABIA|ACCA", rf"[A-Z0-9]{{16}}{END}", exact=True),
    Rule(
        "aws-secret-key",
        "AKIA|ASIA",
        r"[A-Z0-9]{16}[\s,:;|\"'=]{1,8}(?:[\w.-]{1,40}[\s,:;|\"'=]{1,8})?(?P<secret>[A-Za-z0-9/+]{40})(?![\w/+=])",
        is_mixed,
    ),
    Rule("github-token", "ghp_|gho_|ghu_|ghs_|ghr_", r"[A-Za-z0-9]{36,255}"),
    Rule("github-token", "github_pat_", r"\w{22,255}"),
    Rule("gitlab-token", "glpat-|gldt-|glrt-|glptt-|glft-|glsoat-|glcbt-|glimt-|glagent-", r"[\w-]{20,255}"),
    Rule("slack-token", "xoxb-|xoxp-|xoxa-|xoxr-|xoxs-|xoxe-|xoxc-|xoxd-|xapp-", r"[\w%-]{10,255}"),
    Rule(
        "slack-token",
        "hooks.slack.com/",
        r"(?:services|workflows|triggers)/(?P<secret>[\w/+]{20,255})",
        any_case=True,
    ),
    Rule("stripe-key", "sk_live_|sk_test_|rk_live_|rk_test_|whsec_", r"[A-Za-z0-9+/=]{10,255}"),
    Rule("anthropic-key", "sk-ant-", r"[\w-]{20,255}"),
    Rule("openai-key", "sk-proj-|sk-svcacct-|sk-admin-|sk-None-", r"[\w-]{20,255}"),
    Rule("openai-key", "sk-", rf"[A-Za-z0-9]{{32,64}}{END}", is_mixed),
    Rule("google-key", "AIza", rf"[\w-]{{35}}{END}", exact=True),
    Rule("google-key", "ya29.", r"[\w-]{20,1024}"),
    Rule("google-key", "GOCSPX-", r"[\w-]{28}", exact=True),
    Rule("npm-token", "npm_", rf"[A-Za-z0-9]{{36}}{END}", exact=True),
    Rule("pypi-token", "pypi-", r"[\w-]{50,1024}"),
    Rule("service-token", "SG.", r"[\w-]{22}\.[\w-]{43}", exact=True),
    Rule("service-token", "dop_v1_|doo_v1_|dor_v1_", r"[0-9a-f]{64}", exact=True),
    Rule("service-token", "hvs.|hvb.|hvr.", r"[\w-]{20,512}"),
    Rule("service-token", "hf_|r8_", r"[A-Za-z0-9]{34,40}"),
    Rule("service-token", "dapi", rf"[0-9a-f]{{32}}{END}", exact=True),
    Rule(
        "service-token",
        "dckr_pat_|dckr_oat_|lin_api_|NRAK-|PMAK-|sntrys_|gsk_|xai-|figd_|pscale_tkn_|pscale_pw_",
        r"[\w-]{20,255}",
    ),
    Rule("service-token", "shpat_|shpss_|shpca_|shppa_", r"[0-9a-fA-F]{32}", exact=True),
    Rule("service-token", "glsa_|glc_|ATATT3|rubygems_|sq0atp-|sq0csp-", r"[\w=+/-]{20,512}"),
    Rule("service-token", ":AA", rf"[\w-]{{33}}{END}", is_mixed, inside=True, exact=True),
    Rule("jwt", "eyJ", r"(?<![\w-]eyJ)[\w-]{5,8192}\.[\w-]{5,65536}(?:\.[\w-]{0,8192}){1,3}"),
    Rule("authorization", "bearer", r"[ +](?P<secret>[A-Za-z0-9._~+/=-]{8,8192})", is_no_word, any_case=True),
    Rule("authorization", "basic", r"[ +](?P<secret>[A-Za-z0-9+/]{4,4096}={0,2})", is_login, any_case=True),
    Rule(
        "authorization",
        "authorization",
        rf"{IS}(?:[\w-]{{2,24}} )?(?P<secret>[^\s\"',;]{{6,8192}})",
        is_no_word,
        any_case=True,
    ),
    Rule(
        "authorization", "auth", rf"{IS}(?P<secret>[A-Za-z0-9+/]{{4,4096}}={{0,2}})", is_login, any_case=True
    ),
    Rule(
        "authorization",
        "digest ",
        r"username=[^\r\n]{0,300}?\bresponse=\"?(?P<secret>[0-9a-f]{32,64})",
        any_case=True,
    ),
    Rule("cookie", "cookie", rf"{IS}(?P<secret>{COOKIE}(?:; ?{COOKIE}){{0,256}})", any_case=True),
    Rule(
        "cookie",
        "jsessionid|phpsessid|connect.sid|asp.net_sessionid",
        rf"{IS}(?P<secret>[\w.:%!~+/-]{{8,1024}})",
        any_case=True,
    ),
    Rule(
        "signed-url",
        "x-amz-signature|x-goog-signature|signature|x-amz-security-token|security-token",
        PARAMETER,
        any_case=True,
    ),
    Rule("signed-url", "sig", PARAMETER, is_mixed, any_case=True),
    Rule("connection-string", "://", rf"{USER}:(?P<secret>[^\s/?#\"'<>]{{1,256}})@(?=[\w\[.-])", inside=True),
    Rule("connection-string", "://", r"(?P<secret>[\w-]{20,256})@(?=[\w\[.-])", has_digit, inside=True),
    Rule("connection-string", "thin:", r"[\w.$-]{1,64}/(?P<secret>[^\s@/\"']{1,128})@", any_case=True),
    Rule(
        "password",
        "-u |--user |--user=",
        r"[\"']?(?P<secret>[^\s:\"'/]{1,64}:[^\s\"']{1,256})",
        is_secret_login,
        inside=True,
    ),
    Rule(
        "password",
        "mysql|mysqldump|mysqladmin|mariadb",
        r"(?: [^\s]{1,40}){0,4}? -p[\"']?(?P<secret>[^\s\"'-][^\s\"']{0,255})",
    ),
    Rule(
        "password",
        "docker login|podman login|helm registry login",
        r"(?: [^\s]{1,40}){0,4}? -p[ =]?[\"']?(?P<secret>[^\s\"'-][^\s\"']{0,255})",
    ),
    Rule("password", "sshpass", r" -p ?[\"']?(?P<secret>[^\s\"']{1,256})"),
    Rule("password", "redis-cli", r"(?: [^\s]{1,40}){0,4}? -a [\"']?(?P<secret>[^\s\"']{1,256})"),
    Rule("password", "identified by ", r"[\"'](?P<secret>[^\"'\r\n]{1,256})", any_case=True),
)
