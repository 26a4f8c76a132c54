"""Placeholders, maps and pairs, kinds that are off, and what holds for any text."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diagnose.evidence.redaction import rules
from diagnose.evidence.redaction.redactor import KINDS, Redactor, notes_of, without_numbers
from tests.support.secret_corpus import POSITIVES, made

KEY_ID = "AK" + "IA" + "ABCDEFGH12345678"
OTHER_ID = "AK" + "IA" + "HGFEDCBA87654321"
PIECES = [positive.text for positive in POSITIVES] + [positive.secret for positive in POSITIVES]
NOISE = st.text(
    st.sampled_from(list("aZ09 \n\t\"'`\\/=:;,.@&%<>[]{}()$#?|+-_~*!^\r\u200b\ufffc\x1b\u0130é")), max_size=30
)
WORDS = st.sampled_from(
    [
        "password",
        "token=",
        "secret: ",
        "value",
        '"name": ',
        "://",
        "-----BEGIN",
        "eyJ",
        "[redacted email 1]",
        "%3D",
        r"\n",
        "&quot;",
    ]
)
TEXTS = st.lists(st.one_of(NOISE, WORDS, st.sampled_from(PIECES)), max_size=8).map("".join)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.none(), st.booleans(), st.binary(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


class TestPlaceholders:
    def test_the_same_secret_has_the_same_placeholder_everywhere(self) -> None:
        redactor = Redactor()

        assert redactor([f"a {KEY_ID}", f"b={KEY_ID}", {"c": OTHER_ID}, f"%3D{KEY_ID}"]) == [
            "a [redacted aws-access-key 1]",
            "b=[redacted aws-access-key 1]",
            {"c": "[redacted aws-access-key 2]"},
            "%3D[redacted aws-access-key 1]",
        ]
        assert redactor.counts == {"aws-access-key": 2}

    def test_a_secret_is_counted_once_and_told_without_its_value(self) -> None:
        redactor = Redactor()
        redactor([f"{KEY_ID} {KEY_ID}", "password=hunter2", "bob@" + "example.com"])

        assert notes_of(redactor.counts) == [
            "redacted before anything was sent: aws-access-key 1, password 1, email 1"
        ]
        assert notes_of({}) == []

    def test_another_prompts_numbers_are_forgotten(self) -> None:
        assert without_numbers("by [redacted email 3] at 3") == "by [redacted email] at 3"

    def test_the_earliest_kind_of_the_table_names_what_is_of_two_kinds(self) -> None:
        assert Redactor()(f"token={KEY_ID}") == "token=[redacted aws-access-key 1]"


NOTATIONS = [
    "password is {}",
    "the root password was changed to {}",
    "| password | {} |",
    "ENV DB_PASSWORD {}",
    "password: |\n  {}\n",
    "machine h login u password {}",
    "User{{name=bob, password={}, age=3}}",
    "Config(user='u', password='{}', host='h')",
    '{{"Key":"DB_PASS","Value":"{}"}}',
    '<add key="DbPassword" value="{}" />',
    "--from-literal=password={}",
    "docker login -u bob -p {} registry.example.com",
    "sshpass -p {} ssh db-1",
    "Set-Cookie: session={}; Path=/; HttpOnly",
    "p%61ssword={}",
    "mongodb+srv://u:{}@c0.example.net/orders",
]
"""Beside those of the corpus."""


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_password_is_found_in_other_notations(notation: str) -> None:
    secret = "Zk7vQ2mT" + "9xLp4RwB"

    assert secret not in Redactor()(notation.format(secret))


class TestMaps:
    def test_a_value_is_redacted_for_its_name(self) -> None:
        assert Redactor()({"db": {"password": "hunter2", "user": "bob", "passwords": ["one", "two"]}}) == {
            "db": {
                "password": "[redacted password 1]",
                "user": "bob",
                "passwords": ["[redacted password 2]", "[redacted password 3]"],
            }
        }

    @pytest.mark.parametrize(
        ("name", "value"),
        [("name", "value"), ("Name", "Value"), ("key", "value"), ("ParameterKey", "ParameterValue")],
    )
    def test_so_is_one_that_stands_beside_its_name(self, name: str, value: str) -> None:
        pair = {name: "DB_PASSWORD", value: "hunter2"}

        assert Redactor()([pair])[0][value] == "[redacted password 1]"

    def test_a_key_may_be_a_secret(self) -> None:
        assert Redactor()({"bob@" + "example.com": 3}) == {"[redacted email 1]": 3}


class TestKindsThatAreOff:
    @pytest.mark.parametrize("kind", KINDS)
    def test_are_never_found(self, kind: str) -> None:
        redactor = Redactor(off={kind})
        redactor([positive.text for positive in POSITIVES])

        assert kind not in redactor.counts

    def test_leave_the_others_on(self) -> None:
        assert Redactor(off={"email"})(f"bob@example.com {KEY_ID}").startswith("bob@example.com [redacted")


@pytest.mark.not_followed
class TestAnyValue:
    @given(VALUES)
    def test_never_raises_and_once_is_enough(self, value: Any) -> None:
        redactor = Redactor()
        once = redactor(value)

        assert redactor(once) == once
        assert Redactor()(once) == once

    @given(
        st.sampled_from(
            ["password", "DB_PASSWORD", "db-passwd", "app.secret", "API_KEY", "authToken", "pwd"]
        ),
        st.sampled_from(
            [
                "{n}={v}",
                "{n}: {v}",
                '"{n}": "{v}"',
                "{n} = '{v}'",
                "--{n} {v}",
                "?{n}={v}&a=1",
                "<{n}>{v}</{n}>",
            ]
        ),
        st.text(st.sampled_from("abcXYZ0189_-+/!"), min_size=8, max_size=60).filter(
            lambda value: re.search(r"\d", value) and re.search(r"[a-z]", value) and value[0] not in "-+/_!"
        ),
        NOISE,
    )
    def test_no_secret_of_a_pair_is_left(self, name: str, written: str, secret: str, noise: str) -> None:
        assume(secret not in noise)
        text = Redactor()(written.format(n=name, v=secret) + "\n" + noise)

        assert secret not in text
        assert Redactor()({name: secret, "noise": noise})[name] != secret

    @given(TEXTS, TEXTS)
    def test_placeholders_are_stable(self, one: str, other: str) -> None:
        redactor = Redactor()
        first = redactor(one)
        redactor(other)

        assert redactor(one) == first


def repeats(parsed: Any) -> list[tuple[int, int]]:
    """The bounds of every repeat in a parsed pattern."""
    found: list[tuple[int, int]] = []
    for part in parsed if isinstance(parsed, list | tuple | re._parser.SubPattern) else []:  # type: ignore[attr-defined]
        if isinstance(part, tuple) and str(part[0]).endswith("REPEAT"):
            found.append((int(part[1][0]), int(part[1][1])))
        found += repeats(part)
    return found


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: f"{rule.kind} {rule.starts}")
def test_no_rule_looks_ahead_without_bound(rule: rules.Rule) -> None:
    bounds = repeats(re._parser.parse(rule.rest))  # type: ignore[attr-defined]

    assert all(most <= 65_536 for _, most in bounds)


@pytest.mark.parametrize(
    "unit",
    [
        "password=",
        'password="',
        "eyJ",
        "\\",
        '\\"',
        "%25",
        "://a:b",
        "cookie: a=b; ",
        "-----BEGIN ",
        "a\n",
        "@",
        "1 ",
        made(8) + "\n",
    ],
)
def test_long_hostile_texts_are_read_to_their_end(unit: str) -> None:
    text = unit * (60_000 // len(unit)) + f" {KEY_ID} "

    assert KEY_ID not in Redactor()(text)
