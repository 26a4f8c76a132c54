"""Who may come in: secrets, signatures as their makers document them, two at once, and no time that tells."""

import base64
import hashlib
import hmac
from typing import Any
from unittest import mock

import pytest

from webhook.credentials import BadSecretError, Secrets, is_known, read_secrets
from webhook.request import Request, read_request

NOW = 1_800_000_000.0
CURRENT, PREVIOUS, MADE = "the-current-secret-0001", "the-previous-secret-0001", "made-by-pagerduty-0001"
SECRETS = Secrets((CURRENT, PREVIOUS), (MADE,))
BODY = '{"text": "Größe — 41 ms"}'.encode()


def signature(key: str, message: bytes = BODY) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def timed(key: str, stamp: str) -> str:
    return signature(key, f"{stamp}:".encode() + BODY)


def known(headers: dict[str, str], body: bytes = BODY, secrets: Secrets = SECRETS) -> bool:
    return is_known(
        Request("POST", "/", {name.lower(): value for name, value in headers.items()}, body), secrets, NOW
    )


def test_the_hmac_is_that_of_rfc_4231() -> None:
    """Test case 2 of the RFC, whose key is shorter than any that the door takes."""
    given = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    request = Request("POST", "/", {"x-pagerduty-signature": f"v1={given}"}, b"what do ya want for nothing?")

    assert is_known(request, Secrets(("Jefe",)), NOW)
    assert not is_known(request, Secrets(("Jef",)), NOW)


STAMP = str(int(NOW))
RIGHT: dict[str, dict[str, str]] = {
    "a bearer token": {"Authorization": f"Bearer {CURRENT}"},
    "the previous token": {"Authorization": f"bearer  {PREVIOUS} "},
    "a token in a header of its own": {"X-Webhook-Token": CURRENT},
    "the wrong bearer beside the right token": {"Authorization": "Bearer x", "X-Webhook-Token": PREVIOUS},
    "PagerDuty with its own secret": {"X-PagerDuty-Signature": f"v1={signature(MADE)}"},
    "PagerDuty during its rotation": {
        "X-PagerDuty-Signature": f"v1={signature('other')}, v1={signature(MADE)}"
    },
    "PagerDuty with a newer version beside": {"X-PagerDuty-Signature": f"v2=abc,v1={signature(CURRENT)}"},
    "Grafana": {"X-Grafana-Alerting-Signature": signature(CURRENT)},
    "Grafana with a time": {
        "X-Grafana-Alerting-Signature": timed(PREVIOUS, STAMP),
        "X-Grafana-Alerting-Timestamp": STAMP,
    },
    "one's own signature": {
        "X-Signature": f"sha256={timed(CURRENT, str(int(NOW) - 299))}",
        "X-Signature-Timestamp": str(int(NOW) - 299),
    },
}
WRONG: dict[str, dict[str, str]] = {
    "nothing": {},
    "empty headers": dict.fromkeys(
        [
            "Authorization",
            "X-Webhook-Token",
            "X-PagerDuty-Signature",
            "X-Grafana-Alerting-Signature",
            "X-Signature",
        ],
        "",
    ),
    "a wrong token": {"Authorization": f"Bearer {CURRENT}x"},
    "the beginning of the token": {"X-Webhook-Token": CURRENT[:-1]},
    "another scheme": {"Authorization": f"Basic {CURRENT}"},
    "the token alone": {"Authorization": CURRENT},
    "PagerDuty's secret as a token": {"X-Webhook-Token": MADE},
    "a token that is no ASCII": {"X-Webhook-Token": CURRENT + "é\udcff"},
    "a signature of another body": {"X-PagerDuty-Signature": f"v1={signature(CURRENT, b'{}')}"},
    "a signature of another version": {"X-PagerDuty-Signature": f"v0={signature(CURRENT)}"},
    "PagerDuty's signature without a version": {"X-PagerDuty-Signature": signature(CURRENT)},
    "PagerDuty's secret for Grafana": {"X-Grafana-Alerting-Signature": signature(MADE)},
    "a time that was not signed": {
        "X-Grafana-Alerting-Signature": signature(CURRENT),
        "X-Grafana-Alerting-Timestamp": STAMP,
    },
    "another time than was signed": {
        "X-Grafana-Alerting-Signature": timed(CURRENT, STAMP),
        "X-Grafana-Alerting-Timestamp": str(int(NOW) + 1),
    },
    "an old copy": {
        "X-Signature": f"sha256={timed(CURRENT, str(int(NOW) - 301))}",
        "X-Signature-Timestamp": str(int(NOW) - 301),
    },
    "a time to come": {
        "X-Signature": f"sha256={timed(CURRENT, str(int(NOW) + 301))}",
        "X-Signature-Timestamp": str(int(NOW) + 301),
    },
    "a time that is none": {"X-Signature": f"sha256={timed(CURRENT, 'now')}", "X-Signature-Timestamp": "now"},
    "a time of other digits": {
        "X-Signature": f"sha256={timed(CURRENT, '١٢')}",
        "X-Signature-Timestamp": "١٢",
    },
    "one's own signature without a time": {"X-Signature": f"sha256={signature(CURRENT)}"},
    "one's own signature by another name": {
        "X-Signature": f"sha1={timed(CURRENT, STAMP)}",
        "X-Signature-Timestamp": STAMP,
    },
    "a signature of nothing": {"X-Grafana-Alerting-Signature": signature(CURRENT, b"")},
    "the eleventh signature": {"X-PagerDuty-Signature": "v1=0," * 10 + f"v1={signature(CURRENT)}"},
}


@pytest.mark.parametrize("headers", RIGHT.values(), ids=RIGHT)
def test_comes_in_with(headers: dict[str, str]) -> None:
    assert known(headers)


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_stays_out_with(headers: dict[str, str]) -> None:
    assert not known(headers)


def test_all_is_compared_in_constant_time_and_the_same_work_done_whatever_is_right() -> None:
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noted(one: Any, other: Any) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    counts = []
    for given in (CURRENT, PREVIOUS, "wrong", "", "x" * 5000):
        with mock.patch.object(hmac, "compare_digest", noted):
            known({"Authorization": f"Bearer {given}"})
        counts.append(len(compared))
        compared.clear()
    assert len(set(counts)) == 1

    with mock.patch.object(hmac, "compare_digest", noted):
        for headers in (*RIGHT.values(), *WRONG.values()):
            known(headers)
    assert set(compared) == {(32, 32)}


def test_a_body_in_base64_is_checked_as_it_was_signed() -> None:
    event = {
        "headers": {"X-PagerDuty-Signature": f"v1={signature(CURRENT)}"},
        "body": base64.b64encode(BODY).decode(),
        "isBase64Encoded": True,
    }

    request = read_request(event)
    assert request.body == BODY
    assert is_known(request, SECRETS, NOW)
    assert not is_known(read_request({**event, "body": "no base64!"}), SECRETS, NOW)


def test_names_of_headers_have_no_case_and_a_path_no_end() -> None:
    request = read_request(
        {
            "headers": {"AUTHORIZATION": f"Bearer {CURRENT}"},
            "rawPath": "/grafana/",
            "requestContext": {"http": {"method": "post"}},
            "body": None,
        }
    )

    assert (request.method, request.path, request.body) == ("POST", "/grafana", b"")
    assert is_known(request, SECRETS, NOW)


@pytest.mark.parametrize("event", [{}, {"headers": None, "body": None, "rawPath": None}])
def test_a_request_may_lack_everything(event: dict[str, Any]) -> None:
    request = read_request(event)

    assert (request.path, request.body) == ("/", b"")
    assert not is_known(request, SECRETS, NOW)


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        (f" {CURRENT}\n", Secrets((CURRENT,))),
        (f'{{"current": "{CURRENT}"}}', Secrets((CURRENT,))),
        (f'{{"current": "{CURRENT}", "previous": "{PREVIOUS}"}}', Secrets((CURRENT, PREVIOUS))),
        (
            f'{{"current": "{CURRENT}", "previous": null, "pagerduty": "{MADE}"}}',
            Secrets((CURRENT,), (MADE,)),
        ),
        (
            f'{{"current": "{CURRENT}", "pagerduty": ["{MADE}", "{MADE}2"]}}',
            Secrets((CURRENT,), (MADE, MADE + "2")),
        ),
    ],
)
def test_the_secret_is_one_or_several(value: str, secrets: Secrets) -> None:
    assert read_secrets(value) == secrets


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("", "the secret: must be 16 or more"),
        ("too-short-secret"[:-1], "the secret: must be 16 or more"),
        ("has a space in its middle", "the secret: "),
        ('{"current": ', "the secret begins as JSON"),
        ("{}", "current: must be"),
        (f'{{"previous": "{PREVIOUS}"}}', "current: must be"),
        (f'{{"current": "{CURRENT}", "previous": 41}}', "previous: must be"),
        (f'{{"current": "{CURRENT}", "pagerduty": {{"a": 1}}}}', "pagerduty: must be"),
        (
            f'{{"current": "{CURRENT}", "pagerduty": {["x" * 16] * 11}}}'.replace("'", '"'),
            "pagerduty: at most 10",
        ),
    ],
)
def test_a_secret_that_cannot_be_used_is_said_to_be_without_being_shown(value: str, named: str) -> None:
    with pytest.raises(BadSecretError) as raised:
        read_secrets(value)

    assert named in str(raised.value)
    assert not value or value not in str(raised.value)
    assert CURRENT not in str(raised.value)
