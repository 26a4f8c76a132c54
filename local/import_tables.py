"""Begins a stack with the tables that a former one left behind: `make import-tables`, then `make deploy`."""

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import Any

import boto3
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import TEMPLATE

TABLES = ("TicketsTable", "SubjectsTable", "StateTable")


def tables_alone(document: Mapping[str, Any], tables: Iterable[str] = TABLES) -> dict[str, Any]:
    """The part of the template that an import takes: the tables, and what their properties refer to."""
    resources = {name: document["Resources"][name] for name in tables}
    return {
        "Parameters": {"KmsKeyArn": document["Parameters"]["KmsKeyArn"]},
        "Conditions": {"HasKmsKey": document["Conditions"]["HasKmsKey"]},
        "Resources": resources,
    }


def import_tables(stack: str, tables: Mapping[str, str], kms_key_arn: str) -> None:
    """Creates `stack` around the tables (logical id: name); botocore's errors say what is wrong."""
    cloudformation = boto3.client("cloudformation")
    change = {"StackName": stack, "ChangeSetName": "import-tables"}
    cloudformation.create_change_set(
        **change,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(tables_alone(yaml_parse(TEMPLATE.read_text("utf-8")), tables)),
        Parameters=[{"ParameterKey": "KmsKeyArn", "ParameterValue": kms_key_arn}],
        ResourcesToImport=[
            {
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {"TableName": name},
            }
            for logical_id, name in tables.items()
        ],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**change)
    cloudformation.execute_change_set(**change)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=stack)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make import-tables", description=__doc__)
    parser.add_argument("--stack", required=True, help="the name of the new stack")
    parser.add_argument("--tickets-table", required=True)
    parser.add_argument("--state-table", required=True)
    parser.add_argument("--subjects-table", default="", help="if the former stack had one")
    parser.add_argument(
        "--kms-key-arn", default="", help="the key that the tables are encrypted with, if it is your own"
    )
    asked = parser.parse_args()
    named = zip(TABLES, (asked.tickets_table, asked.subjects_table, asked.state_table), strict=True)
    import_tables(asked.stack, {table: name for table, name in named if name}, asked.kms_key_arn)
    print(f"Stack {asked.stack} has the tables. `make deploy` gives it the rest.")


if __name__ == "__main__":
    main()
