"""What may be said of baseline and outcomes before the data lock without telling how the arms fare."""

from experiments.health.verdict import Status, Verdict

APART, ALPHA = 0.25, 0.05


def baseline_balance(largest: float, p_value: float, name: str) -> Verdict:
    """Judge the covariates of the unit list: the largest standardised difference, and one test of them all.

    One p for all covariates, none for each: with many of them some differ by chance.
    """
    figures = {"largest": largest, "p_value": p_value}
    said = f"Largest standardised difference {abs(largest):.2f} ({name}); all together p {p_value:.3f}."
    apart = abs(largest) > APART
    status = Status.AMBER if apart or p_value < ALPHA else Status.GREEN
    return Verdict("balance", Status.RED if apart and p_value < ALPHA else status, said, figures)


def trends_before(p_value: float, slope: float, noticed: float | None) -> Verdict:
    """Judge trends before the start, from the rows before it alone: amber where they differ more than chance explains.

    Parameters
    ----------
    p_value, slope : of the joint test, and the steady drift for each period that fits best.
    noticed : the drift that the test would find four times in five; None where that is not known.
    """
    said = f"Units that will be treated drifted from the others by {slope:.3g} a period (p {p_value:.3f})"
    if noticed is not None:
        said += f"; the test would find a drift of {noticed:.3g} four times in five"
    status = Status.AMBER if p_value < ALPHA else Status.GREEN
    figures = {"p_value": p_value, "slope": slope, "detectable_80": noticed}
    return Verdict("pre_trends", status, f"{said}. No outcome of the treated period was read.", figures)


def guardrail(
    name: str, *, bound: float | None, threshold: float | None, action: str, suspends: bool = False
) -> Verdict:
    """Judge a guardrail by a confidence sequence, which may be read every night.

    Parameters
    ----------
    name : the outcome that is watched.
    bound : the end of the sequence on the side of no harm: the harm is at least this much; None while not known.
    threshold : the harm at which the protocol acts; None where it states it in words only.
    action : what the protocol says happens then.
    suspends : whether the protocol has the trial stand still then, which the registry sees to itself.
    """
    figures: dict[str, object] = {"bound": bound, "threshold": threshold, "suspends": suspends}
    if threshold is None:
        said = f"{name}: the protocol states its threshold in words, so the oversight group judges it."
        return Verdict("guardrail", Status.UNKNOWN, said, figures)
    if bound is None:
        return Verdict("guardrail", Status.UNKNOWN, f"{name}: no outcome data to judge it by.", figures)
    if bound > threshold:
        return Verdict("guardrail", Status.RED, f"{name}: the guardrail has been passed. {action}.", figures)
    return Verdict("guardrail", Status.GREEN, f"{name}: the guardrail has not been passed.", figures)
