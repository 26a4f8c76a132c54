"""What a security review asks of the stack, read from the template as SAM translates it."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.intrinsics import Resolver
from local.aws.names import Names
from tests.support.translated import translated

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OURS = "arn:${AWS::Partition}:%s:*:${AWS::AccountId}:%s"
READABLE = "arn:${AWS::Partition}:logs:*:*:log-group:${ReadableLogGroups}"


def sub(text: str) -> str:
    return str({"Fn::Sub": text})


DEPLOYED = (
    sub(OURS % ("codedeploy", "deploymentgroup:*")),
    sub(OURS % ("ecs", "service/*")),
    sub(OURS % ("lambda", "function:*")),
)
CHANGING = (
    "codedeploy:BatchGetDeployments",
    "codedeploy:ListDeployments",
    "ecs:DescribeServices",
    "lambda:ListVersionsByFunction",
)
ALARMS = "arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:*"
MAY_NAME_ALL = {
    ("cloudwatch:GetMetricData", "*"): "metrics are no resources",
    ("cloudwatch:ListMetrics", "*"): "metrics are no resources",
    ("cloudwatch:DescribeAlarms", str({"Fn::Sub": ALARMS})): "any alarm may be the one, or its neighbour",
    ("cloudwatch:DescribeAlarmHistory", str({"Fn::Sub": ALARMS})): "any alarm may be the one",
    ("application-signals:ListEntityEvents", "*"): "Application Signals has no resource to name",
    **{
        (f"application-signals:List{what}", "*"): "Application Signals has no resource to name"
        for what in ("ServiceDependencies", "ServiceDependents", "ServiceStates", "Services")
    },
    ("tag:GetResources", "*"): "the tagging service has no resource to name; only tags are read",
    ("cloudtrail:LookupEvents", "*"): "events are no resources",
    ("ecs:DescribeTaskDefinition", "*"): "ECS takes no resource for it",
    ("ssm:DescribeParameters", "*"): "Systems Manager takes no resource for it; no value is read",
    ("logs:GetQueryResults", "*"): "queries are no resources",
    ("logs:StopQuery", "*"): "queries are no resources",
    ("logs:DescribeLogGroups", sub(OURS % ("logs", "log-group:*"))): "names and classes, no lines",
    **{
        (action, sub(readable)): "limited by a parameter; another account has to share its logs first"
        for action in ("logs:FilterLogEvents", "logs:StartQuery")
        for readable in (READABLE, f"{READABLE}:*")
    },
    **{(action, resource): "what changed may be any" for action in CHANGING for resource in DEPLOYED},
    **{
        (f"cloudformation:{action}", sub(OURS % ("cloudformation", "stack/*"))): "the resource may be in any"
        for action in ("DescribeStackEvents", "DescribeStackResources")
    },
    ("cloudwatch:ListTagsForResource", str({"Fn::Sub": ALARMS})): "any alarm may be one that went off",
    ("cloudwatch:ListAlarmMuteRules", "*"): "they are listed by alarm, and have no resource to name then",
    ("xray:PutTraceSegments", "*"): "X-Ray has no resource to name",
    ("xray:PutTelemetryRecords", "*"): "X-Ray has no resource to name",
}

DOCUMENT = translated()
BEDROCK = "arn:${AWS::Partition}:bedrock:"
HERE = "${AWS::Region}:${AWS::AccountId}:"
PROFILE = "inference-profile/${BedrockGeography}.anthropic.${Model}"
MODEL = "foundation-model/anthropic.${Model}"
WORKSPACE = "workspace/${WorkspaceId}"
OPENS: dict[str, set[tuple[str, str]]] = {
    "anthropic": {("secretsmanager:GetSecretValue", str({"Fn::GetAtt": ["AnthropicApiKey", "Id"]}))},
    "bedrock": {
        ("bedrock:InvokeModel", sub(f"{BEDROCK}{HERE}{PROFILE}")),
        ("bedrock:InvokeModel", sub(f"{BEDROCK}{HERE}project/default")),
        ("bedrock:InvokeModel", sub(f"{BEDROCK}*::{MODEL}")),
        ("bedrock:InvokeModel", sub(f"{BEDROCK}::{MODEL}")),
    },
    "aws": {
        (
            "aws-external-anthropic:CreateInference",
            sub("arn:${AWS::Partition}:aws-external-anthropic:" + HERE + WORKSPACE),
        )
    },
}
"""What each way to Claude needs."""
IN_ANY_REGION = {("bedrock:InvokeModel", sub(f"{BEDROCK}*::{MODEL}")): "the profile chooses the region"}


def resources(kind: str, key: str = "", provider: str = "anthropic") -> dict[str, dict[str, Any]]:
    """The resources of one type that exist, with or without a key of one's own, their conditions resolved."""
    values = {name: str(declaration["Default"]) for name, declaration in DOCUMENT["Parameters"].items()}
    names = Names(DOCUMENT, {**values, "KmsKeyArn": key, "ClaudeProvider": provider})
    resolver = Resolver(DOCUMENT["Conditions"], {}, names)
    return {
        name: _chosen(raw["Properties"], resolver)
        for name, raw in DOCUMENT["Resources"].items()
        if raw["Type"] == kind and ("Condition" not in raw or resolver.condition(raw["Condition"]))
    }


def _chosen(value: Any, resolver: Resolver) -> Any:
    """Settles conditions and the key alone: references stay as they are written."""
    if isinstance(value, list):
        return [item for item in (_chosen(part, resolver) for part in value) if item is not None]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, when_true, when_false = value["Fn::If"]
        return _chosen(when_true if resolver.condition(condition) else when_false, resolver)
    if value == {"Ref": "AWS::NoValue"}:
        return None
    if value == {"Ref": "KmsKeyArn"}:
        return resolver.resolve(value)
    chosen = {name: _chosen(part, resolver) for name, part in value.items()}
    return {name: part for name, part in chosen.items() if part is not None}


def granted(key: str, provider: str) -> Iterator[tuple[str, Any]]:
    policies = resources("AWS::IAM::ManagedPolicy", key, provider)
    documents = [policy["PolicyDocument"] for policy in policies.values()]
    for role in resources("AWS::IAM::Role", key, provider).values():
        documents += [policy["PolicyDocument"] for policy in role["Policies"]]
    for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"):
        documents += [policy["PolicyDocument"] for policy in resources(kind, key).values()]
    for document in documents:
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                for action in listed(statement["Action"]):
                    for resource in listed(statement["Resource"]):
                        yield action, resource


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("key", ["", KEY], ids=["AWS's keys", "a key of one's own"])
@pytest.mark.parametrize("provider", OPENS)
def test_nothing_is_granted_with_a_star_but_what_has_a_reason(key: str, provider: str) -> None:
    stars = {
        (action, str(resource)) for action, resource in granted(key, provider) if "*" in f"{action}{resource}"
    }
    reasons = MAY_NAME_ALL | IN_ANY_REGION if provider == "bedrock" else MAY_NAME_ALL
    assert stars == reasons.keys()


@pytest.mark.parametrize("provider", OPENS)
def test_only_the_chosen_way_to_claude_is_opened(provider: str) -> None:
    services = ("aws-external-anthropic:", "bedrock", "secretsmanager:")
    rights = {(a, str(resource)) for a, resource in granted(KEY, provider) if a.startswith(services)}
    through = resources("AWS::IAM::ManagedPolicy", KEY, provider)["UseKeyPolicy"]["PolicyDocument"]
    [statement] = through["Statement"]

    assert rights == OPENS[provider]
    assert bool(resources("AWS::SecretsManager::Secret", provider=provider)) == (provider == "anthropic")
    assert ("secretsmanager" in str(statement["Condition"])) == (provider == "anthropic")


def test_a_model_of_bedrock_is_asked_by_way_of_the_profile_alone() -> None:
    [policy] = resources("AWS::IAM::Role", provider="bedrock")["DiagnoseRole"]["Policies"]
    by_name = {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}
    profile = {"Fn::Sub": f"{BEDROCK}{HERE}{PROFILE}"}

    assert by_name["AskTheModelBehindTheProfile"]["Condition"] == {
        "StringEquals": {"bedrock:InferenceProfileArn": profile}
    }
    assert profile in by_name["AskByTheProfile"]["Resource"]


def test_every_function_logs_to_a_declared_group_that_forgets() -> None:
    groups = resources("AWS::Logs::LogGroup")
    for function in resources("AWS::Lambda::Function").values():
        assert groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"]
    assert all("RetentionInDays" in group for group in groups.values())


@pytest.mark.parametrize(
    ("queue", "policy", "names", "action"),
    [
        pytest.param("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues", "sqs:*", id="queues"),
        pytest.param("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "sns:Publish", id="topics"),
    ],
)
def test_every_queue_and_topic_refuses_plain_http(queue: str, policy: str, names: str, action: str) -> None:
    refusing = {
        target["Ref"]
        for declared in resources(policy).values()
        for target in declared[names]
        for statement in declared["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == action
        and statement["Resource"] in ({"Fn::GetAtt": [target["Ref"], "Arn"]}, target)
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert refusing == resources(queue).keys()


def test_without_a_key_of_ones_own_tables_and_queues_are_encrypted_with_keys_of_aws() -> None:
    for queue in resources("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert "KmsMasterKeyId" not in queue
    for table in resources("AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert not resources("AWS::IAM::ManagedPolicy").keys() & {"UseKeyPolicy"}


def test_a_key_of_ones_own_encrypts_whatever_holds_data_and_the_roles_may_use_it() -> None:
    for queue in resources("AWS::SQS::Queue", KEY).values():
        assert (queue["KmsMasterKeyId"], queue["SqsManagedSseEnabled"]) == (KEY, False)
    for topic in resources("AWS::SNS::Topic", KEY).values():
        assert topic["KmsMasterKeyId"] == KEY
    for table in resources("AWS::DynamoDB::Table", KEY).values():
        assert table["SSESpecification"]["KMSMasterKeyId"] == KEY
    for secret in resources("AWS::SecretsManager::Secret", KEY).values():
        assert secret["KmsKeyId"] == KEY
    for role in resources("AWS::IAM::Role", KEY).values():  # of the functions: the chat has none by default
        assert role["ManagedPolicyArns"] == [{"Ref": "UseKeyPolicy"}]


def test_every_table_can_be_restored_and_not_be_deleted_by_accident() -> None:
    for table in resources("AWS::DynamoDB::Table").values():
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["DeletionProtectionEnabled"] is True


def test_producers_may_write_tickets_and_nothing_else() -> None:
    [statement] = resources("AWS::IAM::ManagedPolicy")["ProducersPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert statement["Resource"] == {"Fn::GetAtt": ["TicketsTable", "Arn"]}


def test_a_role_is_assumed_for_this_account_alone() -> None:
    for name, role in resources("AWS::IAM::Role").items():
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            asked_for = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
            assert statement["Condition"] == asked_for, name
