"""Which metrics to look at beside the one that is named: a short list for each of the usual services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnose.evidence.incident import MetricId
from timeseries.figures import unit_of

SUM, MEAN, MOST, LEAST, SLOWEST = "Sum", "Average", "Maximum", "Minimum", "p99"

SIBLINGS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "AWS/Lambda": (
        ("Invocations", SUM, ""),
        ("Errors", SUM, ""),
        ("Throttles", SUM, ""),
        ("Duration", SLOWEST, "Milliseconds"),
        ("ConcurrentExecutions", MOST, ""),
        ("IteratorAge", MOST, "Milliseconds"),
        ("DeadLetterErrors", SUM, ""),
    ),
    "AWS/ApiGateway": (
        ("Count", SUM, ""),
        ("4XXError", SUM, ""),
        ("5XXError", SUM, ""),
        ("Latency", SLOWEST, "Milliseconds"),
        ("IntegrationLatency", SLOWEST, "Milliseconds"),
    ),
    "AWS/ApplicationELB": (
        ("RequestCount", SUM, ""),
        ("HTTPCode_ELB_5XX_Count", SUM, ""),
        ("HTTPCode_Target_5XX_Count", SUM, ""),
        ("HTTPCode_Target_4XX_Count", SUM, ""),
        ("TargetResponseTime", SLOWEST, "Seconds"),
        ("TargetConnectionErrorCount", SUM, ""),
        ("HealthyHostCount", LEAST, ""),
        ("UnHealthyHostCount", MOST, ""),
        ("RejectedConnectionCount", SUM, ""),
    ),
    "AWS/SQS": (
        ("ApproximateNumberOfMessagesVisible", MOST, ""),
        ("ApproximateAgeOfOldestMessage", MOST, "Seconds"),
        ("ApproximateNumberOfMessagesNotVisible", MOST, ""),
        ("NumberOfMessagesSent", SUM, ""),
        ("NumberOfMessagesReceived", SUM, ""),
        ("NumberOfMessagesDeleted", SUM, ""),
    ),
    "AWS/DynamoDB": (
        ("ConsumedReadCapacityUnits", SUM, ""),
        ("ConsumedWriteCapacityUnits", SUM, ""),
        ("ReadThrottleEvents", SUM, ""),
        ("WriteThrottleEvents", SUM, ""),
        ("SystemErrors", SUM, ""),
    ),
    "AWS/RDS": (
        ("CPUUtilization", MEAN, "Percent"),
        ("DatabaseConnections", MOST, ""),
        ("FreeableMemory", LEAST, "Bytes"),
        ("FreeStorageSpace", LEAST, "Bytes"),
        ("SwapUsage", MOST, "Bytes"),
        ("ReadLatency", MEAN, "Seconds"),
        ("WriteLatency", MEAN, "Seconds"),
        ("ReadIOPS", MEAN, "Count/Second"),
        ("WriteIOPS", MEAN, "Count/Second"),
        ("DiskQueueDepth", MEAN, ""),
        ("ReplicaLag", MOST, "Seconds"),
        ("BurstBalance", LEAST, "Percent"),
    ),
    "AWS/ECS": (
        ("CPUUtilization", MOST, "Percent"),
        ("MemoryUtilization", MOST, "Percent"),
    ),
    "AWS/EC2": (
        ("CPUUtilization", MEAN, "Percent"),
        ("StatusCheckFailed", MOST, ""),
        ("CPUCreditBalance", LEAST, ""),
        ("NetworkIn", SUM, "Bytes"),
        ("NetworkOut", SUM, "Bytes"),
        ("EBSReadOps", SUM, ""),
        ("EBSWriteOps", SUM, ""),
    ),
    "AWS/Kinesis": (
        ("IncomingRecords", SUM, ""),
        ("IncomingBytes", SUM, "Bytes"),
        ("GetRecords.IteratorAgeMilliseconds", MOST, "Milliseconds"),
        ("ReadProvisionedThroughputExceeded", SUM, ""),
        ("WriteProvisionedThroughputExceeded", SUM, ""),
    ),
    "AWS/SNS": (
        ("NumberOfMessagesPublished", SUM, ""),
        ("NumberOfNotificationsDelivered", SUM, ""),
        ("NumberOfNotificationsFailed", SUM, ""),
    ),
    "AWS/States": (
        ("ExecutionsStarted", SUM, ""),
        ("ExecutionsFailed", SUM, ""),
        ("ExecutionsTimedOut", SUM, ""),
        ("ExecutionThrottled", SUM, ""),
        ("ExecutionTime", SLOWEST, "Milliseconds"),
    ),
    "ContainerInsights": (
        ("pod_number_of_container_restarts", MOST, ""),
        ("pod_cpu_utilization", MOST, "Percent"),
        ("pod_memory_utilization", MOST, "Percent"),
        ("node_cpu_utilization", MOST, "Percent"),
        ("node_memory_utilization", MOST, "Percent"),
        ("cluster_failed_node_count", MOST, ""),
        ("service_number_of_running_pods", LEAST, ""),
    ),
}
"""Name, statistic, and unit, which GetMetricData does not give. ContainerInsights is EKS."""


@dataclass(frozen=True)
class Wanted:
    """One metric to ask for."""

    metric: MetricId
    unit: str
    is_alarms: bool = False

    @property
    def name(self) -> str:
        return f"{self.metric.name} {self.metric.statistic}"


Group = tuple[str, tuple[tuple[str, str], ...]]
"""A namespace and the dimensions that its metrics share."""


def group_of(metric: MetricId) -> Group:
    return metric.namespace, tuple(sorted(metric.dimensions.items()))


def wanted(named: Sequence[MetricId], alarms: MetricId | None) -> dict[Group, list[Wanted]]:
    """The metrics that are named, and their siblings, by what they are of."""
    groups: dict[Group, list[Wanted]] = {}
    for metric in named:
        group = groups.setdefault(group_of(metric), [])
        if metric.name:
            group.append(one_wanted(metric, metric == alarms))
    for (namespace, dimensions), group in groups.items():
        known = {(each.metric.name, each.metric.statistic) for each in group}
        group += [
            Wanted(MetricId(namespace, name, dict(dimensions), statistic), unit_of(unit))
            for name, statistic, unit in SIBLINGS.get(namespace, ())
            if (name, statistic) not in known
        ]
    return groups


def one_wanted(metric: MetricId, is_alarms: bool) -> Wanted:
    """With the statistic and the unit that are usual for it."""
    usual = {name: (statistic, unit) for name, statistic, unit in SIBLINGS.get(metric.namespace, ())}
    statistic, unit = usual.get(metric.name, (MEAN, ""))
    if metric.statistic == "SampleCount":
        unit = ""
    chosen = MetricId(
        metric.namespace, metric.name, metric.dimensions, metric.statistic or statistic, metric.period
    )
    return Wanted(chosen, unit_of(unit), is_alarms)
