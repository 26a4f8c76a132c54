"""moto without working out again and again what never changes: a third of a request's time went there.

1. For each member of each value moto asks six classes, and again each time, what the member may be called.
2. It reads an expression anew for each request, twice over.
3. It looks through all methods of a class for each request to it.
4. Its server looks through its own folder for each request, twice over.
5. For each service's model it has botocore look through the folders of all services.
6. For each attribute that an index shows of an item it works out the whole item anew.

What moto answers stays the same.
"""

from functools import cache, lru_cache
from typing import Any

from moto import backends
from moto.core import responses, utils
from moto.core.loaders import create_loader
from moto.core.model import Shape
from moto.core.serialize import (
    DEFAULT_ALIAS_PROVIDERS,
    AttributePickerContext,
    ResponseSerializer,
    XFormedAttributePicker,
)
from moto.dynamodb.models.dynamo_type import Item, deserializer, serializer

from local.aws.tables import expression_limit

EXPRESSIONS = 200
"""How many are kept: more than the functions have, and few where a test makes up ever new ones."""


def keep_moto_quick() -> None:
    """Make this process's moto keep them; a second call changes nothing."""
    setattr(ResponseSerializer, "get_value", _get_value)  # noqa: B010 - moto's own names, replaced
    setattr(responses, "method_names_from_class", _method_names)  # noqa: B010
    setattr(expression_limit, "_moto_parse", _parse)  # noqa: B010
    setattr(backends, "list_of_moto_modules", _modules)  # noqa: B010
    setattr(utils, "_load_service_model", _LOADER.load_service_model)  # noqa: B010
    setattr(Item, "project", _project)  # noqa: B010


_LOADER = create_loader()
_moto_project = Item.project
_list_modules = backends.list_of_moto_modules
_moto_get_value = ResponseSerializer.get_value
_method_names = cache(vars(responses)["method_names_from_class"])
_parse = lru_cache(EXPRESSIONS)(vars(expression_limit)["_moto_parse"])
"""moto copies what it has read before it changes anything of it."""


@cache
def _modules() -> frozenset[str]:
    return frozenset(_list_modules())


def _get_value(serializer: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
    picker = vars(serializer)["_value_picker"]
    if type(value) is not dict or not _is_plain(picker):
        return _moto_get_value(serializer, value, key, shape)
    for name in _names(shape, key):
        if name in value:
            return value[name]
    return None


def _is_plain(picker: Any) -> bool:
    return (
        type(picker) is XFormedAttributePicker
        and picker.alias_providers is DEFAULT_ALIAS_PROVIDERS
        and not picker.response_transformers
    )


@cache
def _names(shape: Shape, key: str) -> tuple[str, ...]:
    """What a member may be called in a plain dictionary; a shape is one for all requests of its kind."""
    asked = AttributePickerContext(obj={}, key=key, shape=shape)
    return tuple(dict.fromkeys(XFormedAttributePicker().get_possible_keys(asked)))


def _project(item: Item, projection_expressions: list[list[str]]) -> Item:
    """The named attributes; a path into one is left to moto."""
    if any(len(path) > 1 or "[" in path[0] for path in projection_expressions):
        return _moto_project(item, projection_expressions)
    shown = [path[0] for path in projection_expressions if path[0] in item.attrs]
    values = {name: deserializer.deserialize(item.attrs[name].to_regular_json()) for name in shown}
    return Item(item.hash_key, item.range_key, dict(serializer.serialize(values)["M"]))
