"""What stands around a dangerous command never makes it look less dangerous."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.diagnosis.checked import Effect
from diagnose.diagnosis.commands.judging import judge
from tests.unit.diagnose.diagnosis.commands.rows import CHANGING, DESTRUCTIVE, READ_ONLY, rows

ORDER = [Effect.READ_ONLY, Effect.CHANGING, Effect.DESTRUCTIVE]
EVERY = [*rows(READ_ONLY), *rows(CHANGING), *rows(DESTRUCTIVE)]
SIMPLE = [
    "rm -rf /data",
    "kubectl -n prod delete pod web-1",
    "aws --region x ec2 terminate-instances --instance-ids i-1",
    "psql -c 'DROP TABLE t'",
    "redis-cli FLUSHALL",
    "terraform apply -destroy",
    "docker system prune -f",
    "find / -delete",
    "kill -9 1",
]
AROUND = [
    "{}",
    "sudo {}",
    "sudo -u root -n {}",
    "env A=1 {}",
    "nice -n 3 {}",
    "timeout 5 {}",
    "nohup {} &",
    "time {}",
    "({})",
    "{{ {}; }}",
    "! {}",
    "echo $({})",
    'echo "$({})"',
    "cat <({})",
    "ls; {}",
    "{}; ls",
    "ls && {}",
    "ls || {}",
    "ls | {}",
    "{} | cat",
    "ls\n{}",
    "# only reads\n{}",
    "if true; then {}; fi",
    "while sleep 1; do {}; done",
    "for i in 1 2; do {}; done",
    "x=$({})",
    "busybox {}",
    "exec {}",
    "command {}",
    "echo | xargs {}",
    "cat <<EOF\n$({})\nEOF",
    "sh <<'EOF'\n{}\nEOF",
    "{} 2>&1 >/dev/null",
    "kubectl exec web-1 -- {}",
    "docker exec -it web {}",
    "strace -f {}",
]


@settings(max_examples=80)
@given(st.sampled_from(SIMPLE), st.lists(st.sampled_from(AROUND), max_size=3), st.booleans())
def test_a_destructive_command_stays_one_whatever_is_around_it(
    command: str, around: list[str], is_behind_a_number_sign: bool
) -> None:
    """At zsh's prompt a number sign begins no comment; in a script that sh reads it does."""
    if is_behind_a_number_sign:
        around = [*around[:1], "ls # ; {}"]
    for each in around:
        command = each.format(command)
    judged = judge(command)

    assert judged.effect is Effect.DESTRUCTIVE or (judged.effect is Effect.CHANGING and len(around) > 1)


@settings(max_examples=100)
@given(
    st.sampled_from(SIMPLE),
    st.sampled_from(["bash -c {}", "sudo sh -c {}", "ssh web-1 {}", "eval {}", "echo {} | sh"]),
)
def test_a_destructive_command_stays_one_in_quotes_that_a_shell_takes_off(command: str, shell: str) -> None:
    quoted = "'" + command.replace("'", "'\\''") + "'"
    assert judge(shell.format(quoted)).effect is Effect.DESTRUCTIVE


@settings(max_examples=80)
@given(st.sampled_from(EVERY), st.sampled_from(EVERY), st.sampled_from([" && ", "\n", " || "]))
def test_of_two_commands_the_worse_counts(first: str, second: str, between: str) -> None:
    judged = [judge(first), judge(second)]
    joined = judge(f"{first}{between}{second}").effect

    if "#" not in f"{first}{second}" and not any("taken apart" in each.why for each in judged):
        assert ORDER.index(joined) >= max(ORDER.index(each.effect) for each in judged)


@settings(max_examples=100)
@given(st.text(max_size=60) | st.text("rm -/$(){}'\"`\\;|&<>#!\n\t=*~[]", max_size=40))
def test_any_text_is_judged(text: str) -> None:
    judged = judge(text)
    assert judged.effect in ORDER
    assert judged.why


WORDS = [
    "echo",
    "ls",
    "rm",
    "-rf",
    "/",
    "'",
    '"',
    "\\",
    "$(",
    ")",
    "`",
    ";",
    "|",
    "\n",
    " ",
    " ",
    "#",
    "<<E",
    "\nE\n",
    "${x:-",
    "}",
]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_a_command_with_a_hidden_part_is_not_called_harmless(parts: list[str]) -> None:
    """Whatever came before, if a shell is still reading commands, a new line begins one."""
    before = "".join(parts)
    if judge(before).effect is Effect.READ_ONLY:
        assert judge(f"{before}\nrm -rf /").effect is not Effect.READ_ONLY


@pytest.mark.parametrize("letters", ["rm", "kubectl", "aws"])
def test_a_name_is_known_however_it_is_quoted(letters: str) -> None:
    plain = judge(f"{letters} delete x").effect
    for quoted in (
        f"'{letters}'",
        f'"{letters}"',
        f"\\{letters}",
        f"{letters[0]}''{letters[1:]}",
        f"$'{letters}'",
    ):
        assert judge(f"{quoted} delete x").effect is plain
