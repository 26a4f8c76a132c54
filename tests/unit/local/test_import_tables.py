"""What a new stack imports: the tables as the template has them, and nothing that an import refuses."""

import json
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import TEMPLATE
from local.import_tables import tables_alone
from tests.support.translated import translated

# The template alone is looked at: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed


def retained() -> dict[str, Any]:
    return tables_alone(yaml_parse(TEMPLATE.read_text("utf-8")))


def test_it_holds_the_tables_as_the_template_has_them() -> None:
    tables = retained()["Resources"]

    assert tables.keys() == {"TicketsTable", "SubjectsTable", "StateTable"}
    assert tables.items() <= translated()["Resources"].items()


def test_it_can_be_imported() -> None:
    document = retained()

    from cfnlint.api import lint  # noqa: PLC0415 - a second of each worker's, for one test

    assert [str(match) for match in lint(json.dumps(document))] == []
    assert all(table["DeletionPolicy"] == "Retain" for table in document["Resources"].values())
    assert not document.keys() & {"Outputs", "Transform"}
