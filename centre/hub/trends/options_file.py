"""Options as JSON, by the field's own names: an unknown name, a wrong type and a number out of range are refused."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from centre.hub.trends import cusum, ears, false_discovery, farrington, scan, thresholds, xmr
from centre.hub.trends.errors import TrendsRefused

Check = Callable[[Any], bool]
Chosen = TypeVar("Chosen")
# Names that other programs use for the same thing.
ALIASES = {"baseline_n": "fix_after_n_points", "nbPlugin": "nb_plugin"}


def _whole(low: int, high: int) -> tuple[Check, str]:
    return (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
        f"a whole number from {low} to {high}",
    )


def _number(low: float, high: float, words: str) -> tuple[Check, str]:
    return (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low < value < high,
        words,
    )


def _one_of(words: tuple[str, ...]) -> tuple[Check, str]:
    return lambda value: value in words, f"one of {', '.join(words)}"


def _or_null(rule: tuple[Check, str]) -> tuple[Check, str]:
    check, words = rule
    return lambda value: value is None or check(value), f"{words}, or null"


def _pair(value: Any) -> bool:
    whole, _ = _whole(1, 1_000)
    return isinstance(value, list) and len(value) == 2 and all(map(whole, value))


_FLAG: tuple[Check, str] = (lambda value: isinstance(value, bool), "true or false")
_ALPHA = _number(0, 1, "a number between 0 and 1")
_POSITIVE = _number(0, 1e9, "a number above 0")
RULES: dict[str, tuple[Check, str]] = {
    "b": _whole(1, 50),
    "w": _whole(0, 26),
    "reweight": _FLAG,
    "weights_threshold": _POSITIVE,
    "alpha": _ALPHA,
    "trend": _FLAG,
    "limit54": (_pair, "two whole numbers, such as [5, 4]"),
    "power_transformation": _one_of(thresholds.POWERS),
    "no_periods": _whole(1, 52),
    "past_weeks_excluded": _or_null(_whole(0, 500)),
    "threshold_method": _one_of(thresholds.METHODS),
    "baseline": _whole(2, 366),
    "min_sigma": _number(-1e-300, 1e9, "0 or more"),
    "k": _POSITIVE,
    "h": _POSITIVE,
    "m": _or_null(_POSITIVE),
    "transformation": _one_of(cusum.TRANSFORMATIONS),
    "reset": _FLAG,
    "fix_after_n_points": _or_null(_whole(2, 100_000)),
    "screen": _FLAG,
    "model": _one_of(scan.MODELS),
    "max_share": _number(0, 1, "a share between 0 and 1"),
    "max_time_share": _number(0, 1, "a share between 0 and 1"),
    "max_areas": _whole(1, 100_000),
    "replications": _whole(9, 99_999),
    "seed": _whole(0, 2**63 - 1),
    "clusters": _whole(1, 1_000),
    "false_discovery_rate": _ALPHA,
    "min_effect": _number(-1e-300, 1e6, "0 or more"),
}
OF_METHOD: dict[str, type] = {
    "farrington": farrington.Options,
    "farrington_flexible": farrington.Options,
    "ears_c1": ears.Options,
    "ears_c2": ears.Options,
    "ears_c3": ears.Options,
    "cusum": cusum.Options,
    "xmr": xmr.Options,
    "scan": scan.Options,
}
METHODS = tuple(OF_METHOD)
# Whose p values mean something over many series at once.
CONTROLLED = ("farrington", "farrington_flexible", "ears_c1", "ears_c2")


def settle(method: str, given: Mapping[str, Any]) -> tuple[Any, false_discovery.Options, list[Any] | None]:
    """Return the options of a method, those of false discovery control, and the range that is to be evaluated.

    Raises
    ------
    TrendsRefused : a name that the method does not know, or a value that cannot be; each is a line.
    """
    named = {ALIASES.get(name, name): value for name, value in given.items()}
    named = {
        name: ALIASES.get(value, value) if isinstance(value, str) else value for name, value in named.items()
    }
    control = {one.name for one in fields(false_discovery.Options)} if method in CONTROLLED else set()
    own = {one.name for one in fields(OF_METHOD[method])}
    extra = set() if method in ("xmr", "scan") else {"range"}
    problems = [
        f"option {name}: not known for {method}; use {', '.join(sorted(own | control | extra))}"
        for name in named
        if name not in own | control | extra
    ]
    problems += [
        f"option {name}: must be {RULES[name][1]}"
        for name, value in named.items()
        if name in own | control and not RULES[name][0](value)
    ]
    if problems:
        raise TrendsRefused(problems)
    if "limit54" in named:
        named["limit54"] = tuple(named["limit54"])
    return (
        OF_METHOD[method](
            **_defaults(method) | {name: value for name, value in named.items() if name in own}
        ),
        false_discovery.Options(**{name: value for name, value in named.items() if name in control}),
        named.get("range"),
    )


def _defaults(method: str) -> dict[str, Any]:
    return {"weights_threshold": farrington.ORIGINAL.weights_threshold} if method == "farrington" else {}
