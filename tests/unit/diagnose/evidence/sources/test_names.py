"""Resources and log groups by the names that others have for them."""

import pytest

from diagnose.evidence.sources.logs.group import LogGroup
from diagnose.evidence.sources.names import Resource, mentions, names_of, resources_of

HOME = "111122223333"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (f"arn:aws:lambda:eu-central-1:{HOME}:function:orders", "orders"),
        (f"arn:aws:lambda:eu-central-1:{HOME}:function:orders:live", "orders"),
        (f"arn:aws:ecs:eu-central-1:{HOME}:service/prod/web", "web"),
        (f"arn:aws:sqs:eu-central-1:{HOME}:jobs", "jobs"),
        (f"arn:aws:dynamodb:eu-central-1:{HOME}:table/carts", "carts"),
        (f"arn:aws:rds:eu-central-1:{HOME}:db:orders-db", "orders-db"),
        (
            f"arn:aws:elasticloadbalancing:eu-central-1:{HOME}:loadbalancer/app/front/50dc6c495c0c9188",
            "front",
        ),
        ("i-0abc", "i-0abc"),
        ("not:an:arn", "not:an:arn"),
    ],
)
def test_a_resource_is_named_as_people_name_it(written: str, name: str) -> None:
    assert Resource.of(written).name == name


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("UpdateFunctionConfiguration of orders", True),
        ('{"functionName":"orders"}', True),
        ("arn:aws:lambda:eu-central-1:111122223333:function:orders", True),
        ("orders-archive was deleted", False),
        ("reorders", False),
        ("orders-archive, then orders", True),
        ("", False),
    ],
)
def test_a_text_mentions_a_name_only_as_a_word_of_its_own(text: str, named: bool) -> None:
    assert mentions(text, ["orders"]) is named


def test_names_that_are_in_every_text_are_not_looked_for() -> None:
    assert names_of(resources_of(["a", "db", "", "orders", "orders"])) == ("orders",)


@pytest.mark.parametrize(
    ("written", "place", "asked"),
    [
        ("/aws/lambda/orders", "log group /aws/lambda/orders", {"logGroupName": "/aws/lambda/orders"}),
        (
            f"arn:aws:logs:eu-central-1:{HOME}:log-group:/aws/lambda/orders:*",
            "log group /aws/lambda/orders",
            {"logGroupName": "/aws/lambda/orders"},
        ),
        (
            "arn:aws:logs:eu-central-1:999900001111:log-group:shared:*",
            "log group shared of account 999900001111",
            {"logGroupIdentifier": "arn:aws:logs:eu-central-1:999900001111:log-group:shared"},
        ),
    ],
)
def test_a_log_group_of_another_account_is_asked_for_by_its_arn(
    written: str, place: str, asked: dict[str, str]
) -> None:
    group = LogGroup.of(written)

    assert (group.place(HOME), group.named(HOME)) == (place, asked)
