"""Who may come in: whoever knows a secret, or has signed the body with one."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webhook.request import Request

SHORTEST = 16
"""Characters of a secret; fewer can be guessed."""
MOST_OF_A_SENDER = 10
MOST_SIGNATURES = 10
TIME_OF_X_SIGNATURE = "x-signature-timestamp"
TOLERANCE_SECONDS = 300
"""How far the time in a signature may lie from ours: after that it could be a copy."""


class BadSecretError(Exception):
    """Raised when the secret cannot be used; the text says why, and nothing of the secret."""


@dataclass(frozen=True)
class Secrets:
    """`shared`: the current and the previous one; `of_pagerduty`: those that PagerDuty made, for it alone."""

    shared: tuple[str, ...]
    of_pagerduty: tuple[str, ...] = ()


def read_secrets(value: str) -> Secrets:
    """One secret as it stands, or JSON with `current`, and if wanted `previous` and `pagerduty`.

    Raises BadSecretError.
    """
    if not value.strip().startswith("{"):
        return Secrets((_usable("the secret", value),))
    try:
        told: dict[str, Any] = json.loads(value)
    except ValueError as error:
        raise BadSecretError("the secret begins as JSON and is none") from error
    shared = [name for name in ("current", "previous") if told.get(name) or name == "current"]
    made = told.get("pagerduty") or []
    made = made if isinstance(made, list) else [made]
    if len(made) > MOST_OF_A_SENDER:
        raise BadSecretError(f"pagerduty: at most {MOST_OF_A_SENDER} secrets")
    return Secrets(
        tuple(_usable(name, told.get(name)) for name in shared),
        tuple(_usable("pagerduty", secret) for secret in made),
    )


def _usable(name: str, value: Any) -> str:
    secret = value.strip() if isinstance(value, str) else ""
    if len(secret) < SHORTEST or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise BadSecretError(f"{name}: must be {SHORTEST} or more printable ASCII characters without a space")
    return secret


def is_known(request: Request, secrets: Secrets, now: float) -> bool:
    """Whether a secret, or a signature over the body, is right (`now` in epoch seconds).

    All of them are looked at, in constant time, whichever is right: how long it takes tells nothing.
    """
    known = False
    for token in _tokens(request):
        for secret in secrets.shared:
            known |= hmac.compare_digest(_digest(token), _digest(secret))
    for given, signed, keys in _signatures(request, secrets, now):
        for key in keys:
            made = _digest(hmac.new(key.encode(), signed, hashlib.sha256).hexdigest())
            for signature in given:
                known |= hmac.compare_digest(_digest(signature), made)
    return known


def _tokens(request: Request) -> Iterator[str]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    yield token.strip() if scheme.lower() == "bearer" else ""
    yield request.headers.get("x-webhook-token", "").strip()


def _signatures(
    request: Request, secrets: Secrets, now: float
) -> Iterator[tuple[list[str], bytes, tuple[str, ...]]]:
    """What was given as signatures, of what they are, and the secrets that they may be made with.

    - PagerDuty: `v1=` and hexadecimal digits, several with commas between them, of the body.
      Source: PagerDuty, "Verifying Signatures".
    - Grafana: hexadecimal digits, of the body, or of epoch seconds, a colon and the body where a header for
      the time is set. Source: Grafana, "Configure webhook notifications", HMAC signature.
    - X-Signature, for senders of one's own: as Grafana with a time, after `sha256=`.
    """
    several = request.headers.get("x-pagerduty-signature", "").split(",")[:MOST_SIGNATURES]
    yield [_after("v1=", each) for each in several], request.body, secrets.shared + secrets.of_pagerduty
    signed = _signed(request, "x-grafana-alerting-timestamp", now)
    signature = request.headers.get("x-grafana-alerting-signature", "").strip()
    yield [signature if signed is not None else ""], signed or b"", secrets.shared
    signed = _signed(request, TIME_OF_X_SIGNATURE, now) if TIME_OF_X_SIGNATURE in request.headers else None
    signature = _after("sha256=", request.headers.get("x-signature", ""))
    yield [signature if signed is not None else ""], signed or b"", secrets.shared


def _after(prefix: str, text: str) -> str:
    found = text.strip()
    return found[len(prefix) :] if found.startswith(prefix) else ""


def _signed(request: Request, header: str, now: float) -> bytes | None:
    """What is signed: the body, with the time in this header before it; None when that is not now."""
    if header not in request.headers:
        return request.body
    stamp = request.headers[header].strip()
    is_time = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    if not is_time or abs(int(stamp) - now) > TOLERANCE_SECONDS:
        return None
    return f"{stamp}:".encode() + request.body


def _digest(text: str) -> bytes:
    """Of one length, whatever the length of the text: to compare takes as long for any two."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
