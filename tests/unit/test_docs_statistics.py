"""The pages on the statistics say what the engine does: plans run, numbers and messages are its own, links lead on."""

import ast
import doctest
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from experiments import stats
from experiments.stats import looks, options
from experiments.stats import plan as plans
from tests.unit.statistics_examples import DATA, REGISTERED

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "statistics"
PAGES = sorted(DOCS.rglob("*.md"))
ESTIMATORS = {name: DOCS / f"{name}.md" for name in options.ESTIMATOR_RULES}
CHECKS = {name: DOCS / "checks" / f"{name}.md" for name in options.CHECK_NAMES}
ESTIMATOR_HEADINGS = [
    "When to use it",
    "What it assumes",
    "A plan that uses it",
    "What the numbers mean",
    "How it fails, and what you will be told",
    "What to read beside it",
    "Sources",
]
CHECK_HEADINGS = [
    "What it asks",
    "A plan that uses it",
    "How to read the verdict",
    "What it cannot tell",
    "Sources",
]
# Every JSON block is a whole plan, and the line before it names its data: <!-- data: beats --> or
# <!-- data: rollout, refused --> where no estimate can be made on purpose.
PLAN = re.compile(r"<!-- data: (?P<data>\w+)(?P<refused>, refused)? -->\n```json\n(?P<plan>.*?)\n```", re.S)
LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")
# A message of the code stands in curly quotes, with … for what differs from case to case.
MESSAGE = re.compile(r"“(?P<message>[^”]+)”", re.S)
CELL = re.compile(r"`[^`]*`|[^|`]+")


@dataclass(frozen=True)
class Example:
    """One plan of a page, and the text from it to the next one."""

    page: Path
    data: str
    is_refused: bool
    plan: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(DOCS)}:{self.data}"


def _examples() -> Iterator[Example]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = list(PLAN.finditer(text))
        for place, one in enumerate(found):
            end = found[place + 1].start() if place + 1 < len(found) else len(text)
            yield Example(page, one["data"], bool(one["refused"]), one["plan"], text[one.end() : end])


EXAMPLES = list(_examples())


def _identity(page: Path) -> str:
    return str(page.relative_to(DOCS))


@cache
def _document(data: str, plan: str) -> dict[str, Any]:
    """Return the result of a plan on its data; pages that show the same plan share it."""
    found: dict[str, Any] = stats.run(
        json.loads(plan), DATA[data](), registered=REGISTERED.get(data)
    ).document()
    return found


@cache
def _messages() -> str:
    """Return every text of the engine in one string, with … for what is filled in."""
    texts = []
    for file in sorted((ROOT / "experiments" / "stats").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(re.sub(r"\{\w+\}", "…", node.value))
    return "\n".join(" ".join(text.split()) for text in texts)


@pytest.mark.parametrize(("name", "page"), ESTIMATORS.items())
def test_every_estimator_has_its_page(name: str, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# `{name}`\n")
    assert re.findall(r"^## (.+)$", text, re.M) == ESTIMATOR_HEADINGS
    assert f'"estimator": "{name}"' in text
    assert f"({name}.md)" in (DOCS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "page"), ESTIMATORS.items())
def test_a_page_lists_every_option_with_its_default(name: str, page: Path) -> None:
    rule = options.ESTIMATOR_RULES[name]
    rows = {row[0].strip("`"): row for row in _rows(page.read_text(encoding="utf-8"), "option")}
    covariances = rows.pop("covariance` (beside `options`)")
    assert {word for word in rule.covariances if f"`{word}`" in covariances[1]} == set(rule.covariances)
    assert rows.keys() == rule.options.keys()
    for option, (_, values, default) in rows.items():
        known = rule.options[option]
        if known.default is not None:
            assert default.strip("`") == str(known.default)
        if isinstance(known, options.Choice):
            assert all(f"`{value}`" in values for value in known.values)
        if isinstance(known, options.Whole):
            assert values.startswith(f"{known.low} to {known.high}")


def test_the_page_on_looks_lists_their_options_and_estimators() -> None:
    text = (DOCS / "interim.md").read_text(encoding="utf-8")
    rows = {row[0].strip("`"): row for row in _rows(text, "option")}
    assert rows.keys() == looks.OPTIONS.keys()
    for option, known in looks.OPTIONS.items():
        if isinstance(known, options.Choice):
            assert all(f"`{value}`" in rows[option][1] for value in known.values)
        if isinstance(known, options.Whole):
            assert rows[option][1].startswith(f"{known.low} to {known.high}")
    assert rows["spending"][2] == f"`{looks.DEFAULT_SPENDING}`"
    held = text[text.index("They hold for") : text.index("trials whose\nestimate grows")]
    assert set(re.findall(r"`(\w+)`", held)) == looks.GROWING


@pytest.mark.parametrize(("name", "page"), CHECKS.items())
def test_every_check_has_its_page(name: str, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Check `{name}`\n")
    assert re.findall(r"^## (.+)$", text, re.M) == CHECK_HEADINGS
    assert f'"checks": ["{name}"]' in text
    assert f"(checks/{name}.md)" in (DOCS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=_identity)
def test_every_json_block_is_a_plan_with_data(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("```json") == len(PLAN.findall(text))


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_plan_on_a_page_runs_and_gives_its_numbers(example: Example) -> None:
    plans.parse(json.loads(example.plan))
    found = _document(example.data, example.plan)
    statuses = {row["status"] for row in found["estimates"]}
    assert statuses == {"not_estimable" if example.is_refused else "ok"}
    assert all(check["verdict"] != "not_estimable" for check in found["checks"].values())
    leading = found["estimates"][0]
    named = leading | {term["term"]: term["estimate"] for term in leading["terms"]}
    for fields, values, _ in _rows(example.text, "field"):
        for field, value in zip(fields.split(", "), values.split(", "), strict=True):
            assert _agrees(value, named[field.strip("`")]), f"{field} is {named[field.strip('`')]}"
    rows = [
        *found["estimates"],
        *(term for row in found["estimates"] for term in row["terms"]),
        *(row for check in found["checks"].values() for row in check.get("rows", [])),
    ]
    for head, cells in _named_tables(example.text):
        assert any(
            all(name in row and _agrees(cell, row[name]) for name, cell in zip(head, cells, strict=True))
            for row in rows
        ), f"no row of the result is {dict(zip(head, cells, strict=True))}"


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_a_check_says_is_quoted_word_for_word(example: Example) -> None:
    lines = [line for line in example.text.splitlines() if line.startswith(">") and line[:3] != ">>>"]
    quote = " ".join(line[1:].strip() for line in lines)
    said = [check["explanation"] for check in _document(example.data, example.plan)["checks"].values()]
    assert not quote or quote in said, said


@pytest.mark.parametrize("page", PAGES, ids=_identity)
def test_a_quoted_message_is_one_of_the_engine(page: Path) -> None:
    known = _messages()
    for message in MESSAGE.findall(page.read_text(encoding="utf-8")):
        for fragment in " ".join(message.split()).split("…"):
            assert fragment.strip() in known, f"'{fragment}' of “{message}” is nowhere in the engine"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
            assert anchor in [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in headings]


@pytest.mark.parametrize(("page", "at_least"), [("counts.md", 10), ("interim.md", 8), ("power.md", 10)])
def test_the_examples_of_functions_give_what_they_show(page: str, at_least: int) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(>>>.*?)^```$", text, re.M | re.S)
    shown = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)
    assert len(shown.examples) > at_least
    assert doctest.DocTestRunner().run(shown).failed == 0


def _tables(text: str) -> Iterator[list[list[str]]]:
    """Yield the tables of a text as rows of cells, without the line of dashes."""
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield [line for line in lines if set(line[0]) != {"-"}]


def _rows(text: str, first: str) -> Iterator[list[str]]:
    for table in _tables(text):
        if table[0][0] == first:
            yield from table[1:]


def _named_tables(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the rows of tables whose head is nothing but names of fields."""
    for table in _tables(text):
        if all(re.fullmatch(r"`\w+`", cell) for cell in table[0]):
            for line in table[1:]:
                yield [cell.strip("`") for cell in table[0]], line


def _agrees(text: str, value: Any) -> bool:
    """Whether a printed value is the value, to the digits printed."""
    text = text.strip("`").replace("−", "-")
    if value is None or text == "null":
        return value is None and text == "null"
    if isinstance(value, str):
        return text == value
    decimals = len(text.partition(".")[2])
    return abs(float(text) - float(value)) <= 0.5 * 10.0**-decimals * (1 + 1e-9)
