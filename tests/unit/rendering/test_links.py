"""Addresses in the console: made of names, and none leads elsewhere."""

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rendering.links import to_alarm, to_changes, to_log_group, to_metrics, to_stack
from tests.support.injections import INJECTIONS

REGION = "eu-west-1"
MAKERS: list[Callable[[str, str], str]] = [
    to_alarm,
    to_log_group,
    to_stack,
    lambda region, name: to_metrics(region, name, {name: name}, [name]),
    lambda region, _name: to_changes(region),
]


def test_each_leads_to_its_page() -> None:
    console = "https://console.aws.amazon.com"

    assert to_alarm(REGION, "disk (tikv-4)") == (
        f"{console}/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/disk%20%28tikv-4%29"
    )
    assert to_log_group(REGION, "/aws/lambda/quote") == (
        f"{console}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fquote"
    )
    assert to_changes(REGION) == f"{console}/cloudtrailv2/home?region=eu-west-1#/events?ReadOnly=false"
    assert to_stack(REGION, "checkout") == (
        f"{console}/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId=checkout"
    )


def test_a_graph_has_the_metrics_in_the_consoles_notation() -> None:
    link = to_metrics(REGION, "AWS/Lambda", {"FunctionName": "quote"}, ["Errors", "Duration"])

    assert unquote(link.partition("#")[2]) == (
        "metricsV2:graph=~(metrics~(~(~'AWS*2fLambda~'Errors~'FunctionName~'quote)"
        "~(~'AWS*2fLambda~'Duration~'FunctionName~'quote))~region~'eu-west-1)"
    )


def test_without_a_metric_there_is_no_graph() -> None:
    assert to_metrics(REGION, "AWS/Lambda", {}, []) == ""


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "region", ["", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "evil.example/?", "eu"]
)
def test_where_the_console_is_another_there_is_no_link(make: Callable[[str, str], str], region: str) -> None:
    assert make(region, "name") == ""


@pytest.mark.parametrize("make", MAKERS[:4])
def test_a_name_too_long_for_an_address_makes_none(make: Callable[[str, str], str]) -> None:
    assert make(REGION, "/" * 2000) == ""


@pytest.mark.parametrize("make", MAKERS)
@given(name=st.sampled_from(INJECTIONS) | st.text(st.characters()))
def test_no_name_whatever_leads_elsewhere_or_ends_the_link(
    make: Callable[[str, str], str], name: str
) -> None:
    link = make(REGION, name)

    assert re.fullmatch(r"[A-Za-z0-9:/?=#$%&._~-]*", link)
    if link:
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("https", "console.aws.amazon.com")
        assert parts.query == "region=eu-west-1"
