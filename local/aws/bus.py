"""EventBridge as the template sets it: buses, their policies, and rules that put events into queues.

The default bus takes `aws.cloudwatch` as a source here, which AWS lets no client say: that is how an alarm is
played.
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.events.utils import EventTemplateParser

from local.aws.intrinsics import TemplateError
from local.aws.template import Resource, Template

DEFAULT = "default"
_RULE = {"Description", "EventBusName", "EventPattern", "Name", "State", "Targets"}
# What becomes of an event that a queue does not take is no concern: the emulator's queues take all.
_TARGET = {"Arn", "DeadLetterConfig", "Id", "RetryPolicy"}


_moto_parse = EventTemplateParser.parse


def keep_envelope() -> None:
    """Have moto deliver events as they are: it leaves out the account, and breaks texts with a quote."""
    setattr(EventTemplateParser, "parse", staticmethod(_parse))  # noqa: B010 - moto's own name, replaced


def _parse(input_template: str | None, input_paths_map: dict[str, Any], event: Any) -> dict[str, Any]:
    if input_template:
        return _moto_parse(input_template, input_paths_map, event)
    return {name: value for name, value in event.items() if name != "ingestion-time"}


def create_buses(events: Any, template: Template) -> None:
    """The template's buses, policies and rules. Raises TemplateError for a target that is no queue.

    The emulator keeps the policies and asks nobody for a right.
    """
    keep_envelope()
    for bus in template.of_type("AWS::Events::EventBus"):
        events.create_event_bus(Name=template.names.name(bus.logical_id))
    _put_policies(events, template)
    for rule in template.of_type("AWS::Events::Rule"):
        _put_rule(events, template, rule)


def put_rule(
    events: Any, name: str, pattern: Mapping[str, Any], bus: str, queue_arns: Mapping[str, str]
) -> str:
    """A rule by its pattern, with queues by the targets' ids; gives back its ARN."""
    made = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
    targets = [{"Id": id_, "Arn": arn} for id_, arn in queue_arns.items()]
    events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
    return str(made["RuleArn"])


def _put_rule(events: Any, template: Template, rule: Resource) -> None:
    where, declared = rule.logical_id, rule.properties
    _refuse_unknown(where, declared, _RULE)
    queues = {
        template.names.attribute(queue.logical_id, "Arn") for queue in template.of_type("AWS::SQS::Queue")
    }
    targets = {}
    for target in declared["Targets"]:
        _refuse_unknown(where, target, _TARGET)
        if target["Arn"] not in queues:
            raise TemplateError(f"{where}: the local stack's rules reach its queues, not {target['Arn']}")
        targets[target["Id"]] = target["Arn"]
    if declared.get("State", "ENABLED") != "DISABLED":
        bus = declared.get("EventBusName", DEFAULT)
        arn = put_rule(events, template.names.name(where), declared["EventPattern"], bus, targets)
        template.names.learn(where, "Arn", arn)


def _put_policies(events: Any, template: Template) -> None:
    statements: dict[str, list[dict[str, Any]]] = {}
    for policy in template.of_type("AWS::Events::EventBusPolicy"):
        bus = policy.properties.get("EventBusName", DEFAULT)
        statement = {"Sid": policy.properties["StatementId"], **policy.properties["Statement"]}
        statements.setdefault(bus, []).append(statement)
    for bus, said in statements.items():
        document = {"Version": "2012-10-17", "Statement": said}
        events.put_permission(EventBusName=bus, Policy=json.dumps(document))


def _refuse_unknown(where: str, properties: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(properties) - known)
    if unknown:
        raise TemplateError(f"{where}: the local stack does not know how to honour {', '.join(unknown)}")
