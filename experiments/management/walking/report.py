"""The report of a walk, as Markdown for the documentation."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from experiments.management.walking.measuring import Measured
from experiments.management.walking.panel import PanelFile
from experiments.management.walking.protocols import NOTICE
from experiments.management.walking.steps import Walked


def text_table(steps: Sequence[Measured]) -> str:
    """Return the steps as a table for the terminal."""
    lines = [f"{'step':62} {'by':32} {'where':13} {'seconds':>8} {'peak MB':>8}"]
    for step in steps:
        peak = "–" if step.peak_mb is None else f"{step.peak_mb:8.0f}"
        lines.append(f"{step.step:62} {step.by:32} {step.where:13} {step.seconds:8.2f} {peak:>8}")
    return "\n".join(lines)


def markdown(
    walked: Walked, panel: PanelFile, steps: Sequence[Measured], *, source: str, command: str
) -> str:
    """Return the whole report."""
    return "\n".join(
        [
            f"# A real panel the whole way: {walked.trial.title}",
            "",
            f"> {NOTICE}.",
            "",
            f"Data: {source}. {panel.n_rows:,} rows, {len(panel.units()):,} units. Made with:",
            "",
            f"```\n{command}\n```",
            "",
            f"Trial {walked.trial.number}, protocol hash `{_sha(walked)}`.",
            "",
            *_steps(steps),
            "",
            *_estimates(walked.release.document),
            "",
            *_event_times(walked.release.document),
            *_ratings(walked),
            "",
            *_checks(walked.release.document),
            "",
            _machine(),
            "",
        ]
    )


def _sha(walked: Walked) -> str:
    registration = walked.trial.registration
    return registration.sha256 if registration else ""


def _steps(steps: Sequence[Measured]) -> Iterator[str]:
    yield "## Time and peak memory of each step"
    yield ""
    yield "| step | by | where | seconds | peak MB |"
    yield "|---|---|---|--:|--:|"
    for step in steps:
        peak = "–" if step.peak_mb is None else f"{step.peak_mb:.0f}"
        yield f"| {step.step} | {step.by} | {step.where} | {step.seconds:.2f} | {peak} |"
    yield f"| **all** | | | **{sum(step.seconds for step in steps):.1f}** | |"


def _estimates(document: dict[str, Any]) -> Iterator[str]:
    yield "## Estimates, as released"
    yield ""
    yield "| id | outcome | estimator | control group | estimate | std. error | 95 % interval | p |"
    yield "|---|---|---|---|--:|--:|---|--:|"
    for row in document["estimates"]:
        rule = document["provenance"]["ssc"].get(row["id"], {})
        controls = rule.get("control_group", "–").replace("_", " ")
        plan = f"| {row['id']} | {row['outcome']} | {row['estimator']} | {controls} "
        if row["status"] != "ok":
            yield f"{plan}| not estimable: {row['reason']} | | | |"
            continue
        interval = f"{_number(row['conf_low'])} to {_number(row['conf_high'])}"
        numbers = f"{_number(row['estimate'])} | {_number(row['std_error'])} | {interval} | {_number(row['p_value'])}"
        yield f"{plan}| {numbers} |"


def _event_times(document: dict[str, Any]) -> Iterator[str]:
    for row in document["estimates"]:
        terms = [term for term in row["terms"] if term["term"].startswith("event_time=")]
        if not terms:
            continue
        yield f"### {row['id']}: effect by months since training"
        yield ""
        yield "| month | estimate | std. error | pointwise 95 % interval | simultaneous band |"
        yield "|--:|--:|--:|---|---|"
        for term in terms:
            if not -12 <= float(term["term"].partition("=")[2]) <= 24:
                continue
            inside = f"{_number(term['conf_low'])} to {_number(term['conf_high'])}"
            band = f"{_number(term['band_low'])} to {_number(term['band_high'])}"
            month = term["term"].partition("=")[2]
            yield f"| {month} | {_number(term['estimate'])} | {_number(term['std_error'])} | {inside} | {band} |"
        yield ""


def _ratings(walked: Walked) -> Iterator[str]:
    yield "## Ratings (RULES-1.0)"
    yield ""
    yield "| outcome | label | strength | signed by |"
    yield "|---|---|--:|---|"
    for rating in walked.ratings:
        signed = ", ".join(signature.reviewer.name for signature in rating.signatures.all()) or "none needed"
        yield f"| {rating.outcome_domain} | {rating.get_label_display()} | {rating.strength} | {signed} |"


def _checks(document: dict[str, Any]) -> Iterator[str]:
    if document["checks"]:
        yield "## Checks"
        yield ""
    for name, check in document["checks"].items():
        yield f"- **{name}**, {check['verdict']}: {check['explanation']}"


def _machine() -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas", "pyarrow", "Django")
    )
    return f"Measured on {os.cpu_count()} processors with Python {platform.python_version()}, {packages}."


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "−")
