"""Resources by the names that others have for them."""

import pytest

from subjects.names import Resource, mentions, names_of, resources_of

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
