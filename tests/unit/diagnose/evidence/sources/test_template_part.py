"""One resource out of a template in whatever notation."""

import json

import pytest

from diagnose.evidence.sources.stack_resource import part_of

YAML = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Orders:
    Type: String
Resources:
  # the queue
  Jobs:
    Type: AWS::SQS::Queue

  Orders:  # takes orders
    Type: AWS::Lambda::Function
    Properties:
      # was 512
      MemorySize: !Ref Memory
      Environment: {Variables: {POOL_SIZE: "2"}}
  OrdersRole:
    Type: AWS::IAM::Role
Outputs:
  Orders:
    Value: !Ref Orders
"""
JSON = {"Resources": {"Orders": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 128}}}}


def test_of_yaml_the_lines_of_the_resource_are_taken_as_they_stand() -> None:
    assert part_of(YAML, "Orders").split("\n") == [
        "  Orders:  # takes orders",
        "    Type: AWS::Lambda::Function",
        "    Properties:",
        "      # was 512",
        "      MemorySize: !Ref Memory",
        '      Environment: {Variables: {POOL_SIZE: "2"}}',
    ]


@pytest.mark.parametrize("body", [JSON, json.dumps(JSON)], ids=["as a map", "as text"])
def test_of_json_the_resource_is_written_out(body: object) -> None:
    assert json.loads(part_of(body, "Orders")) == JSON["Resources"]["Orders"]


@pytest.mark.parametrize("body", [YAML, JSON, "", "{", "[]", None, 7, "Resources: {}", {"Resources": []}])
def test_what_is_not_in_the_template_is_not_made_up(body: object) -> None:
    assert part_of(body, "Absent") == ""
