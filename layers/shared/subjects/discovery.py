"""What one name tells of others: a metric's dimensions of resources and log groups, an ARN of its metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RESOURCES = {
    "FunctionName": "arn:{partition}:lambda:{region}:{account}:function:{value}",
    "QueueName": "arn:{partition}:sqs:{region}:{account}:{value}",
    "TableName": "arn:{partition}:dynamodb:{region}:{account}:table/{value}",
    "DBInstanceIdentifier": "arn:{partition}:rds:{region}:{account}:db:{value}",
    "DBClusterIdentifier": "arn:{partition}:rds:{region}:{account}:cluster:{value}",
    "StreamName": "arn:{partition}:kinesis:{region}:{account}:stream/{value}",
    "TopicName": "arn:{partition}:sns:{region}:{account}:{value}",
    "InstanceId": "arn:{partition}:ec2:{region}:{account}:instance/{value}",
    "LoadBalancer": "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{value}",
    "StateMachineArn": "{value}",
}
"""A dimension, and the ARN of what it names."""
DIMENSIONS = {
    ("lambda", "function:"): ("AWS/Lambda", "FunctionName"),
    ("sqs", ""): ("AWS/SQS", "QueueName"),
    ("dynamodb", "table/"): ("AWS/DynamoDB", "TableName"),
    ("rds", "db:"): ("AWS/RDS", "DBInstanceIdentifier"),
    ("rds", "cluster:"): ("AWS/RDS", "DBClusterIdentifier"),
    ("kinesis", "stream/"): ("AWS/Kinesis", "StreamName"),
    ("sns", ""): ("AWS/SNS", "TopicName"),
    ("ec2", "instance/"): ("AWS/EC2", "InstanceId"),
    ("elasticloadbalancing", "loadbalancer/app/"): ("AWS/ApplicationELB", "LoadBalancer"),
    ("states", "stateMachine:"): ("AWS/States", "StateMachineArn"),
}
"""The service and the start of the name in an ARN, and the metrics that are kept of it."""

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True)
class Arn:
    """The parts of an ARN; `name` may hold colons and slashes."""

    text: str
    partition: str
    service: str
    region: str
    account: str
    name: str

    @classmethod
    def read(cls, text: str) -> "Arn | None":
        """None when the text is no ARN."""
        parts = text.strip().split(":", 5)
        return cls(text.strip(), *parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def alarm_of(text: str) -> str:
    """The name of an alarm that is given by name or by ARN."""
    arn = Arn.read(text)
    return arn.name.removeprefix("alarm:") if arn and arn.service == "cloudwatch" else text.strip()


def resources_of(dimensions: Mapping[str, str], account: str, region: str) -> tuple[str, ...]:
    """The ARNs of what a metric's dimensions name."""
    partition = next((name for start, name in PARTITIONS.items() if region.startswith(start)), "aws")
    cluster, service = dimensions.get("ClusterName"), dimensions.get("ServiceName")
    ecs = f"arn:{partition}:ecs:{region}:{account}:service/{cluster}/{service}"
    named = [
        RESOURCES[name].format(partition=partition, region=region, account=account, value=value)
        for name, value in dimensions.items()
        if name in RESOURCES
    ]
    return (ecs, *named) if cluster and service else tuple(named)


def metrics_of(resource: str) -> tuple[str, dict[str, str]] | None:
    """Namespace and dimensions of the metrics that AWS keeps of a resource, by its ARN; None if unknown."""
    arn = Arn.read(resource)
    if arn is None:
        return None
    if arn.service == "ecs" and arn.name.startswith("service/") and arn.name.count("/") == 2:
        _, cluster, service = arn.name.split("/")
        return "AWS/ECS", {"ClusterName": cluster, "ServiceName": service}
    for (service, start), (namespace, dimension) in DIMENSIONS.items():
        if arn.service == service and arn.name.startswith(start):
            value = arn.name.removeprefix(start)
            if dimension == "FunctionName":
                value = value.partition(":")[0]  # without the version or alias
            if dimension == "LoadBalancer":
                value = f"app/{value}"
            if dimension == "StateMachineArn":
                value = arn.text
            return namespace, {dimension: value}
    return None


def log_groups_of(resources: Iterable[str]) -> tuple[str, ...]:
    """The log groups that AWS itself gives to resources."""
    found = [
        f"/aws/{place}/{value}"
        for resource in resources
        if (arn := Arn.read(resource))
        for place, start in (("lambda", "function:"), ("codebuild", "project/"))
        if arn.service == place and arn.name.startswith(start)
        if (value := arn.name.removeprefix(start).partition(":")[0])
    ]
    return tuple(dict.fromkeys(found))
