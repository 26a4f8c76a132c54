"""The resource as its CloudFormation template declares it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import text_lines
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.stack import stack_of
from rendering.links import to_stack
from subjects.names import resources_of

MOST_LINES = 120
RESOURCES = re.compile(r"^Resources:\s*(?:#.*)?$", re.MULTILINE)


class StackResource:
    """GetTemplate of the stack that the resource is in, and of it the resource's own part."""

    name = "template"

    def __init__(self, clients: Clients, seconds: float = SOURCE_SECONDS) -> None:
        self.seconds = seconds
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        place = "the resource's part of its CloudFormation template"
        if not incident.resources:
            return [NotAsked(place, "no resource is known")]
        if incident.elsewhere:
            return [CouldNotLook(place, incident.elsewhere)]
        client = self._clients("cloudformation", incident.region)
        stack = stack_of(client, resources_of(incident.resources), until)
        if stack is None:
            return [FoundNothing("the CloudFormation stack of its resources")]
        if until() <= 0:
            return [CouldNotLook(place, "no time was left")]
        body = client.get_template(StackName=stack.name, TemplateStage="Original").get("TemplateBody")
        part = part_of(body, stack.of.logical)
        if not part:
            return [
                CouldNotLook(place, f"{stack.of.logical} cannot be found in the template of {stack.name}")
            ]
        lines = text_lines(redact(part))
        if len(lines) > MOST_LINES:
            lines = [*lines[:MOST_LINES], f"{len(lines) - MOST_LINES} more lines are not shown"]
        title = f"{stack.of.logical} as the template of stack {stack.name} declares it"
        link = to_stack(incident.region, stack.name)
        return [Found((Section("template", title, "C", tuple(lines), link=link),))]


def part_of(body: Any, logical: str) -> str:
    """One resource of a template, JSON or YAML; nothing when it is not there.

    Of YAML the lines are taken as they stand, with whatever intrinsic functions and comments they hold.
    """
    if isinstance(body, str) and body.lstrip().startswith("{"):
        try:
            body = json.loads(body)
        except ValueError:
            return ""
    if isinstance(body, Mapping):
        resources = body.get("Resources")
        found = resources.get(logical) if isinstance(resources, Mapping) else None
        return json.dumps(found, indent=1, default=str) if found is not None else ""
    return _of_yaml(body, logical) if isinstance(body, str) else ""


def _of_yaml(text: str, logical: str) -> str:
    start = RESOURCES.search(text)
    if start is None:
        return ""
    kept: list[str] = []
    indent = -1
    for line in text[start.end() :].split("\n"):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth == 0 and not line.startswith("#"):
            break
        if kept and line.strip() and depth <= indent:
            break
        if kept or re.fullmatch(rf"""\s+["']?{re.escape(logical)}["']?:\s*(?:#.*)?""", line):
            indent = depth if not kept else indent
            kept.append(line)
    return "\n".join(kept).rstrip()
