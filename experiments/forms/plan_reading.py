"""Parts of an analysis plan as they are read: a pointer into the plan, and a value there, in words."""

from typing import Any

from experiments.forms import plan_words

PLAN = "/analysis_plan"
_PARTS = {
    "plan_version": "Version of the plan’s form",
    "alpha": "Alpha",
    "multiplicity": "Adjustment for several estimates",
    "seed": "Seed",
    "checks": "Checks",
    "arms": "Arms",
    "estimates": "Estimates",
    "columns": "Columns",
}
_OF_ARMS = {"control": "Control arm", "treatments": "Treatment arms"}
_OF_ESTIMATE = {
    "id": "Id",
    "outcome": "Outcome",
    "estimator": "Estimator",
    "role": "Role",
    "estimand": "Kind of effect",
    "covariance": "Standard errors",
    "family": "Hypothesis family",
    "covariates": "Covariates",
    "alternative": "Direction of the test",
    "columns": "Columns of its own",
}
_VALUES: dict[str, dict[str, str]] = {
    "multiplicity": dict(plan_words.MULTIPLICITIES),
    "checks": dict(plan_words.CHECKS),
    "estimator": dict(plan_words.ESTIMATORS),
    "covariance": plan_words.COVARIANCE_WORDS,
}


def label_of(pointer: str) -> str:
    """Return what people call the part of the plan that a pointer leads to, such as "Estimate H1: Estimator"."""
    parts = pointer.removeprefix(PLAN).strip("/").split("/")
    match parts:
        case [""]:
            return "Analysis plan"
        case ["columns", name]:
            return column_label(name)
        case ["arms", name]:
            return _OF_ARMS.get(name, _plain(name))
        case ["estimates", name]:
            return f"Estimate {_counted(name)}"
        case ["estimates", name, "options", option, *_]:
            return f"Estimate {_counted(name)}: {plan_words.option_label(option)}"
        case ["estimates", name, part, *_]:
            return f"Estimate {_counted(name)}: {estimate_label(part)}"
        case [name, *_]:
            return _PARTS.get(name, _plain(name))
    return "Analysis plan"


def column_label(name: str) -> str:
    """Return what people call a column of the plan."""
    return plan_words.COLUMNS[name][0] if name in plan_words.COLUMNS else f"Column of the {name}"


def estimate_label(name: str) -> str:
    """Return what people call one part of an estimate."""
    return _OF_ESTIMATE.get(name, _plain(name))


def value_of(name: str, value: Any) -> Any:
    """Return a value of the plan in words, where it is one of a list; `name` is the last part of its pointer."""
    known = _VALUES.get(name, {})
    if isinstance(value, list):
        return [known.get(str(one), one) for one in value]
    return known.get(str(value), value) if isinstance(value, str) else value


def _counted(name: str) -> str:
    """Return an id, or the number of a place that has none."""
    return str(int(name) + 1) if name.isdigit() else name


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
