"""What a dashboard lets through of a widget's HTML, and what it takes out.

CloudWatch's user guide (custom widgets, "Security and JavaScript") says that JavaScript in any form, `iframe`
and `use` are removed, and that most tags, CSS and SVG stay. It has no list; this one is meant to be narrower
than CloudWatch's, so that what is seen here may be counted on there.
"""

from html.parser import HTMLParser

import nh3

_FORMS = {
    "button",
    "fieldset",
    "form",
    "input",
    "label",
    "legend",
    "optgroup",
    "option",
    "select",
    "textarea",
}
_PARTS = {"main", "meter", "progress", "section", "style", "tfoot"}
_SVG = {
    "svg", "g", "defs", "title", "desc", "path", "rect", "line", "circle", "ellipse", "polyline", "polygon",
    "text", "tspan", "marker", "pattern", "mask", "clipPath", "linearGradient", "radialGradient", "stop",
}  # fmt: skip
TAGS = nh3.ALLOWED_TAGS | _FORMS | _PARTS | _SVG | {"cwdb-action"}
REMOVED_WHOLE = {"script", "iframe", "object", "embed", "use", "noscript", "template"}
"""With their content; of other tags that are not let through, the content stays."""

ATTRIBUTES = {
    "*": {
        "class", "id", "style", "title", "role", "tabindex", "lang", "dir", "hidden", "width", "height",
        "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity",
        "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "transform", "d", "points",
        "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "viewBox",
        "preserveAspectRatio", "vector-effect", "offset", "stop-color", "stop-opacity", "gradientUnits",
        "clip-path", "mask", "text-anchor", "dominant-baseline", "font-size", "font-weight",
        "font-family", "focusable", "xmlns",
    },
    "a": {"href", "target", "rel"},
    "button": {"type", "name", "value", "disabled"},
    "cwdb-action": {"action", "confirmation", "display", "endpoint", "event"},
    "details": {"open"},
    "img": {"src", "alt"},
    "input": {"type", "name", "value", "checked", "placeholder", "maxlength", "disabled", "required"},
    "label": {"for"},
    "li": {"value"},
    "ol": {"start"},
    "optgroup": {"label"},
    "option": {"value", "selected"},
    "progress": {"value", "max"},
    "meter": {"value", "max", "min", "low", "high"},
    "select": {"name", "disabled"},
    "td": {"colspan", "rowspan", "headers"},
    "textarea": {"name", "rows", "cols", "placeholder", "maxlength", "disabled", "required"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}

_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=REMOVED_WHOLE,
    attributes=ATTRIBUTES,
    generic_attribute_prefixes={"aria-", "data-"},
    link_rel=None,
    url_schemes=SCHEMES,
)


def sanitised(html: str) -> str:
    """The HTML with everything taken out that a dashboard does not let through."""
    return _cleaner.clean(html)


def removed(html: str) -> list[str]:
    """What `sanitised` takes out, each kind once, such as `<script>` or `onclick of <a>`."""
    found = _Removed()
    found.feed(html)
    found.close()
    return list(found.kinds)


class _Removed(HTMLParser):
    """Reads tags alone; what a browser makes of broken HTML is for the sanitiser to know."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS_IN_LOWER_CASE:
            self.kinds[f"<{tag}>"] = None
            return
        allowed = _ATTRIBUTES_IN_LOWER_CASE["*"] | _ATTRIBUTES_IN_LOWER_CASE.get(tag, set())
        for name, value in attrs:
            if name not in allowed and not name.startswith(("aria-", "data-")):
                self.kinds[f"{name} of <{tag}>"] = None
            elif name in {"href", "src"} and name not in sanitised(
                f'<{tag} {name}="{nh3.clean_text(value or "")}">'
            ):
                self.kinds[f"{name} of <{tag}>: {(value or '').partition(':')[0][:20]}:"] = None


_TAGS_IN_LOWER_CASE = {tag.lower() for tag in TAGS}
_ATTRIBUTES_IN_LOWER_CASE = {tag: {name.lower() for name in names} for tag, names in ATTRIBUTES.items()}
