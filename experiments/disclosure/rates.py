"""Shares and rates: a small part can be worked out from its share and the whole."""

from __future__ import annotations

from experiments.disclosure.policy import DEFAULT, Concern, Policy


def check_share(
    part: int, whole: int, *, where: str, is_sensitive: bool = True, policy: Policy = DEFAULT
) -> list[Concern]:
    """Check one share of data subjects.

    Parameters
    ----------
    part, whole : how many have the attribute, and of how many.
    is_sensitive : whether to know that nobody has it, or everybody, tells something about each of them. "No outcome
        was measured" is nothing of the kind; "was arrested" is.

    Raises
    ------
    ValueError : a part that is negative or more than the whole.
    """
    if not 0 <= part <= whole:
        raise ValueError("a part is 0 or more, and at most the whole")
    if whole >= policy.threshold and not is_sensitive and part in (0, whole):
        return []
    for count, what in ((whole, "data subjects"), (part, "have it"), (whole - part, "do not have it")):
        if count < policy.threshold:
            return [Concern("share-small", where, f"Fewer than {policy.threshold} {what}", blocks=True)]
    return []
