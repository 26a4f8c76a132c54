"""The frame of a custom widget, as a CloudWatch dashboard's: calls its function and cleans the answer."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt

from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intrinsics import TemplateError
from local.aws.mappings import Mappings
from local.aws.template import Template
from local.board.sanitising import removed, sanitised

MOST_BYTES = 6 * 1024 * 1024
"""Of an answer. Source: Lambda quotas, synchronous invocation payload."""


@dataclass(frozen=True)
class Shown:
    """What the frame shows: clean HTML, or why there is none."""

    html: str = ""
    error: str = ""
    removed: list[str] = field(default_factory=list)
    """What was taken out; a widget that returns such things is broken on a dashboard."""


@dataclass(frozen=True)
class Frame:
    """The frame of one widget; `endpoint` is what its actions must name."""

    function: LocalFunction
    title: str
    params: Mapping[str, Any]
    """The widget's own, sent with each refresh."""
    update_on: Mapping[str, bool] = field(default_factory=dict)
    """What has the dashboard call anew: refresh, resize, timeRange; all do unless they are switched off."""

    @property
    def endpoint(self) -> str:
        return self.function.arn

    def call(self, endpoint: str, event: Mapping[str, Any]) -> Shown:
        """Invoke the function that an action names, as the dashboard does with its user's rights."""
        if endpoint != self.endpoint:
            return Shown(error=f"There is no function {endpoint!r} here; the widget's is {self.endpoint}.")
        try:
            answer = self.function.invoke(dict(event))
        except ThrottledError:
            return Shown(error="Too many invocations at once: Lambda answered 429.")
        except FunctionError as error:
            return Shown(error=f"The function failed: {error.__cause__!r}")
        size = len(json.dumps(answer).encode())
        if size > MOST_BYTES:
            return Shown(error=f"The answer has {size} bytes, more than Lambda's {MOST_BYTES}.")
        return shown(answer)


def of_template(template: Template, mappings: Mappings) -> Frame:
    """The frame of the custom widget on the template's dashboard. Raises TemplateError when there is none."""
    for dashboard in template.of_type("AWS::CloudWatch::Dashboard"):
        for widget in json.loads(dashboard.properties["DashboardBody"])["widgets"]:
            if widget["type"] == "custom":
                properties = widget["properties"]
                arns = {function.arn: function for function in mappings.functions.values()}
                function = arns.get(properties["endpoint"])
                if function is None:
                    raise TemplateError(f"{dashboard.logical_id}: no function is {properties['endpoint']}")
                own = {name: properties.get(name, {}) for name in ("params", "updateOn")}
                return Frame(function, properties.get("title", ""), own["params"], own["updateOn"])
    raise TemplateError("no dashboard of the template has a custom widget")


def shown(answer: Any) -> Shown:
    """HTML is cleaned, Markdown rendered, anything else shown as JSON."""
    if isinstance(answer, str):
        return Shown(sanitised(answer), removed=removed(answer))
    if isinstance(answer, Mapping) and set(answer) == {"markdown"}:
        return Shown(
            sanitised(
                MarkdownIt("commonmark", {"html": False}).enable("table").render(str(answer["markdown"]))
            )
        )
    return Shown(f"<pre>{html.escape(json.dumps(answer, indent=2))}</pre>")
