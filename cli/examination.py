"""What `doctor` looks at: the things that keep a stack from diagnosing, each with what to do about it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from capacity.state import state_of
from cli.deployment import Deployment
from cli.errors import CliError
from runtime.clock import iso
from tickets.queries import TicketQueries
from tickets.states import AWAITING_DIAGNOSIS
from tickets.table import TicketTable
from views.listing import age_in_words
from views.record import time_in

LONG_WAIT_SECONDS = 4 * 3600
"""As the alarm on the oldest waiting ticket has it."""
KEY_BEGINS = "sk-ant-"
LEFT_UNRESERVED = 100
"""What Lambda wants an account to keep. Source: Lambda, reserved concurrency."""


class Health(StrEnum):
    """What came of one look."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "could not look"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; also the shape of `doctor --json`."""

    what: str
    health: Health
    found: str
    to_do: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


Verdict = tuple[bool, str, str]
"""Whether it is well, what was found, and what to do if it is not."""


def examine(deployment: Deployment) -> Iterator[Finding]:
    """Each look by itself: one that is not allowed keeps none of the others from being made."""
    deployment.output("TicketsTableName")  # no stack: that is the one answer then
    for what, look in LOOKS.items():
        try:
            is_well, found, to_do = look(deployment)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            to_do = "" if deployment.where.is_local else "allow it to these credentials"
            found = f"{error.operation_name}: {code}"
            yield Finding(what, Health.UNKNOWN, found, to_do or "the local stack does not have it")
        except (BotoCoreError, CliError) as error:
            yield Finding(what, Health.UNKNOWN, str(error))
        else:
            yield Finding(what, Health.GOOD if is_well else Health.BAD, found, "" if is_well else to_do)


def _key(deployment: Deployment) -> Verdict:
    if (provider := deployment.parameter("ClaudeProvider") or "anthropic") != "anthropic":
        return True, f"none is needed with {provider}", ""
    arn = deployment.output("AnthropicApiKeyArn")
    store = f"aws secretsmanager put-secret-value --secret-id {arn} --secret-string <key>"
    to_do = f"{store}, then `differential gate open`"
    try:
        value = deployment.client("secretsmanager").get_secret_value(SecretId=arn).get("SecretString", "")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False, "the secret holds no key", to_do
    try:
        written = json.loads(value)
        key = str(written.get("api_key", "")) if isinstance(written, dict) else value
    except ValueError:
        key = value
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        return False, "the secret holds no usable key", to_do
    if not key.startswith(KEY_BEGINS):
        return False, f"the key does not begin with {KEY_BEGINS}", to_do
    return True, "present, and of the usual form", ""


def _mappings(deployment: Deployment) -> Verdict:
    name = deployment.output("DiagnoseFunctionName")
    asked = deployment.client("lambda").list_event_source_mappings(FunctionName=name)
    mappings = asked.get("EventSourceMappings", [])
    states = {str(each.get("State", "")) for each in mappings}
    if states != {"Enabled"}:
        found = ", ".join(sorted(states)) or "there is none"
        return False, found, f"enable the event source mapping of {name}, or deploy the stack again"
    if not all(each.get("FilterCriteria", {}).get("Filters") for each in mappings):
        return False, "it has no filter, so every write wakes the function", "deploy the stack again"
    return True, "enabled, with its filter", ""


def _gate(deployment: Deployment) -> Verdict:
    now = time.time()
    state = state_of(deployment.capacity(), now)
    if state.gate_until <= now:
        return True, "open", ""
    found = f"closed until {iso(state.gate_until)}: {state.gate_reason}"
    return False, found, "mend what it says, then `differential gate open`"


def _oldest(deployment: Deployment) -> Verdict:
    now, oldest = time.time(), 0.0
    queries = TicketQueries(TicketTable(deployment.tickets))
    for status in AWAITING_DIAGNOSIS:
        after: Any = None
        while True:
            items, after = queries.page(status, after)
            since = filter(None, (time_in(item.get("waiting_since")) for item in items))
            oldest = max(oldest, 0.0, *(now - at.timestamp() for at in since))
            if after is None:
                break
    found = f"waits for {age_in_words(oldest)}" if oldest else "none waits"
    return (
        oldest < LONG_WAIT_SECONDS,
        found,
        "look at the gate first, then at `differential list --state deferred`",
    )


def _dead_letters(deployment: Deployment) -> Verdict:
    asked = deployment.client("sqs").get_queue_attributes(
        QueueUrl=deployment.output("DeadLetterQueueUrl"), AttributeNames=["ApproximateNumberOfMessages"]
    )
    letters = int(asked["Attributes"]["ApproximateNumberOfMessages"])
    to_do = "`differential list --state failed` says why; when that is mended: `differential redrive`"
    return not letters, f"{letters}" if letters else "none", to_do


def _subscribed(deployment: Deployment) -> Verdict:
    topic = deployment.output("AlarmTopicArn")
    asked = deployment.client("sns").list_subscriptions_by_topic(TopicArn=topic)
    arns = [str(each.get("SubscriptionArn", "")) for each in asked.get("Subscriptions", [])]
    confirmed = [arn for arn in arns if arn.startswith("arn:")]
    if confirmed:
        return True, f"{len(confirmed)} subscribed", ""
    found = "nobody has confirmed a subscription" if arns else "nobody is subscribed"
    return (
        False,
        found,
        "deploy with AlarmEmail and confirm the mail, or subscribe something to AlarmTopicArn",
    )


def _alarms(deployment: Deployment) -> Verdict:
    asked = deployment.client("cloudwatch").describe_alarms(
        AlarmNamePrefix=f"{deployment.where.stack}-", StateValue="ALARM"
    )
    names = [str(each["AlarmName"]) for each in asked.get("MetricAlarms", [])]
    return not names, ", ".join(names) or "none rings", "docs/operations.md explains each alarm"


def _quota(deployment: Deployment) -> Verdict:
    limit = deployment.client("lambda").get_account_settings()["AccountLimit"]
    left = int(limit["UnreservedConcurrentExecutions"])
    to_do = "ask for a higher quota of concurrent executions, or raising ReservedConcurrency will be refused"
    return left > LEFT_UNRESERVED, f"{left} executions are unreserved", to_do


LOOKS: dict[str, Callable[[Deployment], Verdict]] = {
    "key of the Claude API": _key,
    "stream of tickets": _mappings,
    "gate": _gate,
    "oldest waiting ticket": _oldest,
    "dead letters": _dead_letters,
    "who is told of alarms": _subscribed,
    "the stack's alarms": _alarms,
    "Lambda's quota": _quota,
}
"""In the order in which they keep a ticket from being diagnosed."""
