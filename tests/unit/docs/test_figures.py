"""Figures in the pages that follow from the template's defaults."""

import re
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.aws.template import ROOT, TEMPLATE

DEFAULTS: dict[str, Any] = {
    name: declared["Default"]
    for name, declared in yaml_parse(TEMPLATE.read_text("utf-8"))["Parameters"].items()
}


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def cost(input_tokens: int, output_tokens: int) -> float:
    prices = DEFAULTS["PriceInputUsdPerMtok"], DEFAULTS["PriceOutputUsdPerMtok"]
    return float((input_tokens * prices[0] + output_tokens * prices[1]) / 1_000_000)


def test_the_runbook_lists_the_defaults() -> None:
    chapter = page("docs/operations.md").split("## Parameters\n")[1].split("\n## ")[0]
    listed: dict[str, str] = {}
    for names, values in re.findall(r"^\| (`.+?) \| (.+?) \|", chapter, re.MULTILINE):
        listed |= zip(re.findall(r"`(\w+)`", names), values.split(", "), strict=False)

    assert {name: {"none": ""}.get(value, value.replace(",", "")) for name, value in listed.items()} == {
        name: str(default) for name, default in DEFAULTS.items()
    }


def test_a_diagnosis_costs_what_the_page_says() -> None:
    rows = re.findall(r"\| ([\d,]+) \| ([\d,]+) \| (0\.\d+) \|$", page("docs/sizing.md"), re.MULTILINE)
    limits = DEFAULTS["PromptTokens"], DEFAULTS["MaxOutputTokens"]
    said = {tuple(int(tokens.replace(",", "")) for tokens in row[:2]): float(row[2]) for row in rows}

    assert said == {tokens: round(cost(*tokens), 3) for tokens in said}
    assert said[limits] == cost(*limits)
    assert said[3 * limits[0], 5 * limits[1]] == max(said.values())
    assert f"= {cost(*limits):.2f} USD" in page("README.md")
