"""The registered draw of a whole list: as the draw engine takes it, and what it still needs."""

from collections.abc import Iterator, Sequence

from centre.errors import Problem
from experiments import randomise
from experiments.protocol.schema import Arm, Protocol
from experiments.protocol.vocabulary import AllocationMethod, ArmRole, Design, SeedPolicy
from experiments.randomise.scheme import CELL, scheme_problems

METHOD = "/allocation/method"
# Designs that say how they are drawn, and methods that make sense for one design only.
_METHOD_OF = {
    Design.RCT_STEPPED_WEDGE: AllocationMethod.STEPPED_WEDGE,
    Design.RCT_CROSSOVER: AllocationMethod.CROSSOVER,
    Design.RCT_FACTORIAL: AllocationMethod.FACTORIAL,
    Design.RCT_MATCHED_PAIR: AllocationMethod.MATCHED,
}
_MAY_BE_EXTERNAL = (Design.RCT_FACTORIAL, Design.RCT_MATCHED_PAIR)
_DESIGN_OF: dict[AllocationMethod, Design] = {
    method: design for design, method in _METHOD_OF.items() if method is not AllocationMethod.MATCHED
}
_NEEDED: dict[AllocationMethod, tuple[tuple[str, str], ...]] = {
    AllocationMethod.MATCHED: (("balance.covariates", "Name the covariates that pairs are matched on"),),
    AllocationMethod.CONSTRAINED: (
        ("balance.covariates", "Name the covariates that the draw is balanced on"),
        ("balance.keep_percent", "Enter the share of allocations that is kept, usually 10"),
    ),
    AllocationMethod.STEPPED_WEDGE: (
        ("wedge.sequences", "Enter the number of sequences"),
        ("wedge.baseline_periods", "Enter the number of periods before the first step"),
        ("wedge.step_periods", "Enter the number of periods in each step"),
        ("wedge.first_day", "Enter the first day of the first period"),
        ("wedge.period_days", "Enter the number of days in a period"),
        ("wedge.transition_periods", "Enter the periods of transition after each step, 0 for none"),
    ),
    AllocationMethod.CROSSOVER: (
        ("crossover.first_day", "Enter the first day"),
        ("crossover.days", "Enter the number of days"),
        ("crossover.block_days", "Enter the number of days in a block"),
        ("crossover.max_run", "Enter the most days on end in one arm"),
        ("crossover.washout_days", "Enter the days of washout, 0 for none"),
    ),
    AllocationMethod.FACTORIAL: (("crossed_factors", "Add at least two factors"),),
    AllocationMethod.EXTERNAL: (("external.source", "Say who drew the list, and how"),),
}
_RESERVED = {"unit", "stratum", "cluster", "force", "start", "arm", "block", "sequence"}


def batch_scheme(protocol: Protocol) -> randomise.Scheme:
    """Return what is registered to be drawn. Only for a method that draws a whole list, with nothing missing."""
    plan, method = protocol.allocation, protocol.allocation.method
    shares = protocol.shares
    arms = tuple(randomise.Arm(arm.id, shares[arm.id]) for arm in protocol.arms if arm.id in shares)
    name = method.value if method else ""
    if method in (AllocationMethod.MATCHED, AllocationMethod.CONSTRAINED):
        constraint = randomise.Constraint(plan.balance.keep_percent or 0)
        return randomise.Scheme(
            name,  # type: ignore[arg-type]
            arms,
            plan.balance.covariates,
            constraint if method is AllocationMethod.CONSTRAINED else None,
        )
    if method is AllocationMethod.STEPPED_WEDGE:
        shape = plan.wedge
        wedge = randomise.Wedge(shape.sequences or 0, shape.baseline_periods or 0, shape.step_periods or 0)
        ordered = (*_comparators(protocol), *_treated(protocol))
        return randomise.Scheme("stepped_wedge", tuple(randomise.Arm(arm.id) for arm in ordered), wedge=wedge)
    if method is AllocationMethod.CROSSOVER:
        return randomise.Scheme("crossover", arms, crossover=_crossover(protocol))
    if method is AllocationMethod.FACTORIAL:
        factors = tuple(
            randomise.Factor(each.id, tuple(randomise.Arm(level) for level in each.levels))
            for each in plan.crossed_factors
        )
        return randomise.Scheme("factorial", factors=factors)
    return randomise.Scheme(
        name,  # type: ignore[arg-type]
        arms,
        blocks=method is AllocationMethod.EXTERNAL and plan.external.has_blocks,
    )


def _crossover(protocol: Protocol) -> randomise.Crossover:
    plan = protocol.allocation.crossover
    washout = plan.washout_days or 0
    comparator = _comparators(protocol)[0].id if washout and _comparators(protocol) else ""
    return randomise.Crossover(plan.days or 0, plan.block_days or 0, plan.max_run or 0, washout, comparator)


def _treated(protocol: Protocol) -> list[Arm]:
    return [arm for arm in protocol.arms if arm.role is ArmRole.TREATMENT]


def _comparators(protocol: Protocol) -> list[Arm]:
    return [arm for arm in protocol.arms if arm.role is not ArmRole.TREATMENT]


def _draws_a_list(method: AllocationMethod) -> bool:
    return method.value in randomise.METHODS


def needs_shares(method: AllocationMethod) -> bool:
    """Return whether the method divides units by the shares of the arms."""
    return method not in (AllocationMethod.STEPPED_WEDGE, AllocationMethod.FACTORIAL)


def drawing_gaps(protocol: Protocol) -> Iterator[Problem]:
    """Yield what the registered draw still needs, and what does not fit the design."""
    plan, method = protocol.allocation, protocol.allocation.method
    if method is None or method is AllocationMethod.NONE:
        return
    yield from _fit(protocol, method)
    yield from _waitlist(protocol)
    missing = list(_missing(protocol, _NEEDED.get(method, ())))
    yield from missing
    if missing or (needs_shares(method) and len(protocol.shares) < len(protocol.arms)):
        return
    parts = [*_roles(protocol, method), *_names(plan.balance.covariates), *_cells(protocol, method)]
    yield from parts
    if not parts and _draws_a_list(method):
        yield from (_placed(each.message) for each in scheme_problems(batch_scheme(protocol)))


def _fit(protocol: Protocol, method: AllocationMethod) -> Iterator[Problem]:
    design = protocol.design.design
    asked = _METHOD_OF.get(design) if design else None
    may_import = method is AllocationMethod.EXTERNAL and design in _MAY_BE_EXTERNAL
    if asked and method is not asked and not may_import:
        yield Problem(METHOD, f"This design is drawn by “{asked.label}”")
    elif (needed := _DESIGN_OF.get(method)) and design is not needed:
        yield Problem(METHOD, f"This draw is for the design “{needed.label}”")
    if protocol.allocation.seed_policy is SeedPolicy.PUBLIC_BEACON:
        if method is AllocationMethod.EXTERNAL:
            yield Problem(
                "/allocation/seed_policy", "A list drawn elsewhere has no seed here: leave this blank"
            )
        elif not _draws_a_list(method):
            message = "Cases one by one need a secret seed: a public one would show the next arm"
            yield Problem("/allocation/seed_policy", message)


def _waitlist(protocol: Protocol) -> Iterator[Problem]:
    """A waiting list is a draw like any other, and the day on which those who wait get their turn."""
    if protocol.design.design is not Design.WAITLIST:
        return
    if not any(arm.role is ArmRole.WAITLIST for arm in protocol.arms):
        yield Problem("/arms", "Say which arm waits")
    if protocol.allocation.waiting_until is None:
        yield Problem(
            "/allocation/waiting_until", "Enter the day on which the waiting arm gets the treatment"
        )


def _missing(protocol: Protocol, needed: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    for path, message in needed:
        value: object = protocol.allocation
        for name in path.split("."):
            value = getattr(value, name)
        if value is None or value in ((), ""):
            yield Problem(f"/allocation/{path.replace('.', '/')}", message)


def _roles(protocol: Protocol, method: AllocationMethod) -> Iterator[Problem]:
    n_treated, n_others = len(_treated(protocol)), len(_comparators(protocol))
    if method is AllocationMethod.STEPPED_WEDGE and (n_treated, n_others) != (1, 1):
        yield Problem("/arms", "A stepped wedge has one treatment arm, and one arm for the time before it")
    if method is AllocationMethod.CROSSOVER and protocol.allocation.crossover.washout_days and n_others != 1:
        yield Problem("/arms", "A washout needs one arm that is not a treatment")


def _names(covariates: Sequence[str]) -> Iterator[Problem]:
    for place, name in enumerate(covariates):
        if name in _RESERVED:
            message = f"“{name}” is another column of the unit list; give the covariate another name"
            yield Problem(f"/allocation/balance/covariates/{place}", message)
        elif covariates.index(name) != place:
            yield Problem(f"/allocation/balance/covariates/{place}", f"“{name}” is named twice")


def _cells(protocol: Protocol, method: AllocationMethod) -> Iterator[Problem]:
    """The arms of a factorial trial are its cells: each combination of levels, and nothing else."""
    if method is not AllocationMethod.FACTORIAL or scheme_problems(batch_scheme(protocol)):
        return
    cells, arms = batch_scheme(protocol).labels, [arm.id for arm in protocol.arms]
    for cell in cells:
        if cell not in arms:
            yield Problem("/arms", f"Add an arm with the code “{cell}”: levels joined by “{CELL}”")
    for place, arm in enumerate(arms):
        if arm not in cells:
            yield Problem(f"/arms/{place}/id", f"“{arm}” is not a combination of the factors' levels")


# Where a message about the parameters belongs, by a word in it.
_PLACES = (
    ("per cent", "balance/keep_percent"),
    ("covariate", "balance/covariates"),
    ("sequences", "wedge/sequences"),
    ("periods before", "wedge/baseline_periods"),
    ("whole number of blocks", "crossover/days"),
    ("block", "crossover/block_days"),
    ("longest run", "crossover/max_run"),
    ("washout", "crossover/washout_days"),
    ("factor", "crossed_factors"),
    ("level", "crossed_factors"),
)


def _placed(message: str) -> Problem:
    place = next((place for word, place in _PLACES if word in message), "method")
    return Problem(f"/allocation/{place}", message)
