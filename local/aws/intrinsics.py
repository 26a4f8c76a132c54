"""CloudFormation's intrinsic functions, as far as template.yaml uses them."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


class TemplateError(Exception):
    """template.yaml says something that the local stack does not understand."""


class Lookup(Protocol):
    """What a name in the template stands for once the stack exists."""

    def ref(self, name: str) -> Any:
        """The value of `Ref name`: a parameter, a pseudo-parameter or a resource."""

    def attribute(self, resource: str, attribute: str) -> Any:
        """The value of `Fn::GetAtt resource.attribute`."""


class Resolver:
    """Replaces intrinsic functions by their values, with conditions and mappings of one template."""

    def __init__(self, conditions: Mapping[str, Any], mappings: Mapping[str, Any], lookup: Lookup) -> None:
        self._conditions = conditions
        self._mappings = mappings
        self._lookup = lookup
        self._intrinsics: dict[str, Callable[[Any], Any]] = {
            "Ref": lookup.ref,
            "Condition": self.condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Equals": lambda pair: _text(self.resolve(pair[0])) == _text(self.resolve(pair[1])),
            "Fn::Not": lambda terms: not self.resolve(terms[0]),
            "Fn::And": lambda terms: all(self.resolve(term) for term in terms),
            "Fn::Or": lambda terms: any(self.resolve(term) for term in terms),
            "Fn::Join": lambda pair: str(pair[0]).join(_text(part) for part in self.resolve(pair[1])),
            "Fn::Select": lambda pair: self.resolve(pair[1])[int(self.resolve(pair[0]))],
            "Fn::Split": lambda pair: self.resolve(pair[1]).split(pair[0]),
            "Fn::FindInMap": self._find_in_map,
        }

    def resolve(self, value: Any) -> Any:
        """`value` with its intrinsic functions replaced; raises TemplateError for one that is unknown."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in self._intrinsics:
                return self._intrinsics[name](argument)
            if name.startswith("Fn::"):
                raise TemplateError(f"{name} is not understood by the local stack (local/aws/intrinsics.py)")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        """Whether the template's condition `name` holds."""
        if name not in self._conditions:
            raise TemplateError(f"condition {name} is not declared in the template")
        return bool(self.resolve(self._conditions[name]))

    def _get_att(self, argument: Any) -> Any:
        resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._lookup.attribute(resource, attribute)

    def _if(self, argument: list[Any]) -> Any:
        name, when_true, when_false = argument
        return self.resolve(when_true if self.condition(name) else when_false)

    def _find_in_map(self, argument: list[Any]) -> Any:
        table, row, column = (self.resolve(part) for part in argument)
        try:
            return self._mappings[table][row][column]
        except KeyError as error:
            raise TemplateError(f"Fn::FindInMap: {table}.{row}.{column} is not in the template") from error

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in given:
                return _text(self.resolve(given[name]))
            if "." in name:
                return _text(self._lookup.attribute(*name.split(".", 1)))
            return _text(self._lookup.ref(name))

        return _PLACEHOLDER.sub(value, text)


def _text(value: Any) -> str:
    """As CloudFormation writes a scalar: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
