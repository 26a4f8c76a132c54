"""`make local` says who may reach it, and a line for Docker that is the same everywhere."""

import sys

import pytest

from local.addresses import ALL, LOOPBACK
from local.demo import serve
from local.demo.guide import exposure


def test_on_loopback_there_is_nothing_to_warn_of() -> None:
    assert exposure(LOOPBACK) == []


@pytest.mark.parametrize(
    ("bind", "who"), [("172.17.0.1", "whoever reaches 172.17.0.1"), (ALL, "every machine")]
)
def test_elsewhere_it_is_said_who_can_do_what_without_a_password(bind: str, who: str) -> None:
    said = " ".join(exposure(bind))
    assert "Without a password" in said
    assert who in said


@pytest.mark.parametrize("bind", ["docker0", "::", "172.17.0", "localhost"])
def test_what_is_no_address_is_refused_in_a_line(
    bind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["serve", "--bind", bind])

    with pytest.raises(SystemExit):
        serve.main()

    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith(f"argument --bind: {bind!r} is no IPv4 address, such as 172.17.0.1")
    )
