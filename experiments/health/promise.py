"""Whether what runs is what was registered."""

from collections.abc import Sequence

from experiments.health.verdict import Status, Verdict


def drift(
    *, changed: Sequence[str], plan_differs: bool, post_hoc: int, unregistered: Sequence[str]
) -> Verdict:
    """Judge whether the trial has left its protocol.

    Parameters
    ----------
    changed : frozen fields in which what the trial runs by differs from the registered version.
    plan_differs : whether an analysis that calls itself registered ran another plan than the registered one.
    post_hoc : how many analyses were not registered.
    unregistered : outcomes of a result that the protocol does not have.
    """
    said, status = [], Status.GREEN
    if post_hoc:
        noun = "analysis was" if post_hoc == 1 else "analyses were"
        said.append(f"{post_hoc} {noun} not in the registered plan, and say so")
        status = Status.AMBER
    if unregistered:
        said.append(f"results hold outcomes that were not registered: {', '.join(unregistered)}")
        status = Status.RED
    if changed:
        said.append(f"the trial runs by other values than were registered: {', '.join(changed)}")
        status = Status.RED
    if plan_differs:
        said.append("a registered analysis ran another plan than the one that was registered")
        status = Status.RED
    text = "; ".join(said) or "what runs is what was registered"
    figures = {"changed": list(changed), "post_hoc": post_hoc, "unregistered": list(unregistered)}
    return Verdict("drift", status, f"{text[0].upper()}{text[1:]}.", figures)
