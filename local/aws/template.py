"""template.yaml as the local stack reads it: the resources that will exist, their properties resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.aws.intrinsics import Resolver, TemplateError
from local.aws.names import Names

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"


@dataclass(frozen=True)
class Resource:
    """One resource of the template, its properties resolved."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Output:
    """One output of the template, its value resolved."""

    name: str
    value: str
    description: str


class Template:
    """A SAM template with its parameters set; `names` says what a resource is called on this machine."""

    def __init__(
        self,
        text: str,
        *,
        parameters: Mapping[str, str] | None = None,
        endpoint: str = "http://127.0.0.1",
        folder: Path = ROOT,
    ) -> None:
        self.folder = folder
        self._document = _parsed(text)
        self.parameters = _parameters(self._document.get("Parameters", {}), parameters or {})
        self.names = Names(self._document, self.parameters, endpoint)
        self._resolver = Resolver(
            self._document.get("Conditions", {}), self._document.get("Mappings", {}), self.names
        )
        for logical_id, raw in self._raw_resources():
            named = raw.get("Properties", {}).get(self.names.naming_property(logical_id) or "")
            if named is not None:
                self.names.learn(logical_id, "Name", str(self._resolver.resolve(named)))

    @classmethod
    def read(
        cls,
        path: Path = TEMPLATE,
        *,
        parameters: Mapping[str, str] | None = None,
        endpoint: str = "http://127.0.0.1",
    ) -> "Template":
        """The template in `path`, its parameters at their defaults but for those given."""
        return cls(path.read_text("utf-8"), parameters=parameters, endpoint=endpoint, folder=path.parent)

    def sources_off(self) -> dict[str, str]:
        """The parameters that switch the live sources of evidence off: `ReadMetrics` and the like."""
        declared: Mapping[str, Any] = self._document.get("Parameters", {})
        return {
            name: "false"
            for name, parameter in declared.items()
            if name.startswith("Read") and "false" in parameter.get("AllowedValues", [])
        }

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of these types whose condition holds, in the template's order."""
        return [
            self._resource(logical_id) for logical_id, raw in self._raw_resources() if raw["Type"] in types
        ]

    def resource(self, logical_id: str) -> Resource:
        """One resource by its logical id; raises TemplateError when it is not declared."""
        if logical_id not in dict(self._raw_resources()):
            raise TemplateError(f"{logical_id} is not a resource of the template")
        return self._resource(logical_id)

    def outputs(self) -> list[Output]:
        """The outputs whose condition holds, in the template's order."""
        return [
            Output(name, str(self._resolver.resolve(declared["Value"])), declared.get("Description", ""))
            for name, declared in self._document.get("Outputs", {}).items()
            if "Condition" not in declared or self._resolver.condition(declared["Condition"])
        ]

    def _raw_resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for logical_id, raw in self._document.get("Resources", {}).items():
            if "Condition" not in raw or self._resolver.condition(raw["Condition"]):
                yield logical_id, raw

    def _resource(self, logical_id: str) -> Resource:
        raw = self._document["Resources"][logical_id]
        properties = raw.get("Properties", {})
        if raw["Type"] == "AWS::Serverless::Function":
            properties = _merged(self._document.get("Globals", {}).get("Function", {}), properties)
        try:
            resolved = self._resolver.resolve(properties)
        except TemplateError as error:
            raise TemplateError(f"{logical_id}: {error}") from error
        return Resource(logical_id, raw["Type"], resolved)


@cache
def _parsed(text: str) -> Mapping[str, Any]:
    """Kept, because tests make many a stack of one template and reading YAML is the slowest part of it."""
    document: Mapping[str, Any] = yaml_parse(text)
    return document


def _parameters(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}")
    values = {}
    for name, declaration in declared.items():
        if name not in given and "Default" not in declaration:
            raise TemplateError(f"parameter {name} has no default and was not given")
        value = str(given.get(name, declaration.get("Default")))
        allowed = [str(item) for item in declaration.get("AllowedValues", [])]
        if allowed and value not in allowed:
            raise TemplateError(f"parameter {name} is {value!r}, not one of {', '.join(allowed)}")
        values[name] = value
    return values


def _merged(above: Any, below: Any) -> Any:
    """SAM's rule for Globals: maps are merged, lists are joined, the resource's own value wins."""
    if isinstance(above, dict) and isinstance(below, dict) and not (_intrinsic(above) or _intrinsic(below)):
        keys = [*above, *(key for key in below if key not in above)]
        return {key: _merged(above.get(key), below.get(key)) for key in keys}
    if isinstance(above, list) and isinstance(below, list):
        return [*above, *below]
    return above if below is None else below


def _intrinsic(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref", "Condition"))
