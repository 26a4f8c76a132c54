"""What contributors are told is true: files, commands, and checks that are the same everywhere."""

import re
from pathlib import Path

import pytest
import yaml

from local.aws.template import ROOT, TEMPLATE
from tests.support.translated import translated

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
    ROOT / "events" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
STACK = translated()
SOURCE = "\n".join(
    path.read_text("utf-8")
    for folder in ("cli", "functions", "layers", "local", "events")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".json") or path.name == "Makefile"
)
METRICS = set(re.findall(r'(?:add_metric\(\s*|single_metric\(name=)"(\w+)"', SOURCE))
TEXTS = "\n".join((SOURCE, TEMPLATE.read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")))
WORDS = {*re.findall(r"\w+", TEXTS), "Invocations"}
NAMES = {
    *METRICS,
    *(name for part in ("Parameters", "Outputs", "Resources") for name in STACK[part]),
    *re.findall(r"^class (\w+)", SOURCE, re.MULTILINE),
    *("IteratorAge", "PutItem", "UpdateItem", "FunctionName"),  # AWS's own
}
LONGEST_FILE = 250


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_commands_and_files_that_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    code = (
        " ; ".join(re.findall(r"`([^`\n]+)`", text))
        + "\n"
        + "\n".join(re.findall(r"^ {4}.*$", text, re.MULTILINE))
    )
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) <= TARGETS
    modules = re.findall(r"python3? -m ((?:local|tests)[\w.]*)", code)
    paths = [module.replace(".", "/") for module in modules]
    assert all((ROOT / f"{path}.py").exists() or (ROOT / path / "__main__.py").exists() for path in paths)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
    in_room = r"(?<![\w./-])(?:functions|layers|local|tests|docs|events|requirements)/[\w./-]*\w"
    assert [path for path in re.findall(in_room, code) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_what_the_template_and_the_code_have(page: Path) -> None:
    """Parameters, outputs, resources and metrics; environment variables; attributes; placeholders."""
    text = page.read_text("utf-8")
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    code = " ; ".join(spans)
    several_humps = re.findall(r"(?<![\w./:-])(?:[A-Z][a-z0-9]+){2,}\b", code)
    words = [
        *re.findall(r"(?<![\w./=-])[a-z]+(?:_[a-z0-9]+)+\b(?![/.])", code),
        *re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", code),
        *(span for span in spans if re.fullmatch(r"[A-Z]\w+", span)),
    ]

    assert set(several_humps) - NAMES == set()
    assert set(words) - WORDS == set()
    assert set(re.findall(r"<([A-Z]\w+)", text)) - STACK["Outputs"].keys() == set()


@pytest.mark.parametrize("part", ["Parameters", "Outputs"])
def test_what_the_template_has_is_named_in_a_page(part: str) -> None:
    told = set(re.findall(r"\w+", "\n".join(page.read_text("utf-8") for page in PAGES)))

    assert STACK[part].keys() - told == set()


def test_a_metric_is_named_in_the_runbook() -> None:
    assert METRICS - set(re.findall(r"\w+", (ROOT / "docs" / "operations.md").read_text("utf-8"))) == set()


def test_an_alarm_has_a_paragraph_and_a_paragraph_an_alarm() -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    [chapter] = re.findall(r"^## Alarms\n(.*?)^## ", runbook, re.MULTILINE | re.DOTALL)
    alarms = [r for r in STACK["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    described = [re.findall(r'"(.+)"$', alarm["Properties"]["AlarmDescription"]) for alarm in alarms]

    assert set(re.findall(r"^### (.+)$", chapter, re.MULTILINE)) == {title for [title] in described}


def test_the_checks_before_a_commit_and_in_ci_are_those_of_the_makefile() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yaml").read_text("utf-8"))
    entries = [hook["entry"].split() for repo in hooks["repos"] for hook in repo["hooks"]]
    runs = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]

    assert all(make == "make" and target in TARGETS for make, target in entries)
    assert runs == [".ci/run"]
    assert (ROOT / ".ci" / "run").is_file()


def test_a_file_is_no_longer_than_can_be_read_in_one_go() -> None:
    lengths = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for folder in ("functions", "layers", "local")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name for name, lines in lengths.items() if lines > LONGEST_FILE} == set()
