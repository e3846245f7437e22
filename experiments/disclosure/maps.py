"""Maps: an area of few addresses points to a household."""

from __future__ import annotations

from collections.abc import Mapping

from experiments.disclosure.policy import DEFAULT, Concern, Policy


def check_areas(
    addresses: Mapping[str, int], *, where: str, are_treated_now: bool = False, policy: Policy = DEFAULT
) -> list[Concern]:
    """Check the areas of a map, which are named by their place in order and never by their code.

    Parameters
    ----------
    addresses : number of addresses of each area.
    are_treated_now : whether the map shows where a running trial treats.
    """
    few = [place for place, n in enumerate(addresses.values(), start=1) if n < policy.addresses]
    message = f"Fewer than {policy.addresses} addresses in the area"
    found = [Concern("map-addresses", f"{where}/{place}", message, blocks=True) for place in few]
    if are_treated_now:
        running = "It shows where police act while the trial runs"
        found.append(Concern("map-addresses", where, running, blocks=True))
    return found
