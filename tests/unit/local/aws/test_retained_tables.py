"""What a new stack imports: the tables as the template has them, and nothing that an import refuses."""

import json

from cfnlint.api import lint

from local.aws.retained_tables import retained_tables
from tests.support.translated import translated


def test_it_holds_the_tables_as_the_template_has_them() -> None:
    tables = retained_tables()["Resources"]

    assert tables.keys() == {"TicketsTable", "StateTable"}
    assert tables.items() <= translated()["Resources"].items()


def test_it_can_be_imported() -> None:
    document = retained_tables()

    assert [str(match) for match in lint(json.dumps(document))] == []
    assert all(table["DeletionPolicy"] == "Retain" for table in document["Resources"].values())
    assert not document.keys() & {"Outputs", "Transform"}
