"""What the team of a trial says happened, as one viewer may read it: each entry with what it replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from centre.permissions import Permission, has_permission
from experiments import disclosure
from experiments.analysis.missing import missing_by_arm
from experiments.lifecycle import ONCE_OUT
from experiments.models import Deviation, Explanation, Harm, Implementation, Loss, Remark
from experiments.models.account import AccountEntry

if TYPE_CHECKING:
    from centre.permissions import Person
    from experiments.models import Trial

E = TypeVar("E", bound=AccountEntry)


@dataclass(frozen=True, slots=True)
class Told(Generic[E]):
    """The newest word on one thing, and what stood there before, newest first."""

    entry: E
    earlier: tuple[E, ...]

    @property
    def is_taken_back(self) -> bool:
        """Return whether nothing stands in the place of the last entry."""
        return self.entry.takes_back


def told(rows: Any) -> list[Told[Any]]:
    """Return entries of one kind, in the order in which each thing was first told."""
    entries = list(rows)
    by_key = {one.pk: one for one in entries}
    replaced = {one.corrects_id for one in entries if one.corrects_id}
    made = []
    for newest in (one for one in entries if one.pk not in replaced):
        earlier, here = [], newest
        while here.corrects_id is not None:
            here = by_key[here.corrects_id]
            earlier.append(here)
        made.append(Told(newest, tuple(earlier)))
    return sorted(made, key=lambda one: ((one.earlier or (one.entry,))[-1].at, one.entry.pk))


def _read(kind: type[E], trial: Trial, viewer: Person, *beside: str) -> list[Told[E]]:
    """Return the entries of one kind that the viewer may read, with who made them and what they replace."""
    rows = kind.objects.visible_to(viewer).filter(trial=trial)
    return told(rows.select_related("by", "corrects", "correction", *beside))


def deviations_of(trial: Trial, viewer: Person) -> list[Told[Deviation]]:
    """Return the deviations that the viewer may read."""
    return _read(Deviation, trial, viewer, "registration")


@dataclass(frozen=True, slots=True)
class HarmTold:
    """One harm as the viewer may know it. A count that is None is of fewer than ten; `arm` is in words."""

    told: Told[Harm]
    arm: str
    n_events: int | None
    n_units: int | None


def harms_of(trial: Trial, viewer: Person, *, exact: bool) -> list[HarmTold]:
    """Return the harms that the viewer may read; counts are exact only inside, and only where that is asked for.

    Before the data lock an arm is told to those alone who know it: who wrote the entry, and the custodian.
    """
    names = arm_names(trial)
    return [
        HarmTold(
            one,
            arm_as_told(trial, one.entry, names, viewer),
            shown_count(one.entry.n_events, exact=exact),
            shown_count(one.entry.n_units, exact=exact),
        )
        for one in _read(Harm, trial, viewer, "trial")
    ]


@dataclass(frozen=True, slots=True)
class LossTold:
    """Units lost for one reason, as the viewer may know it. A count that is None is of fewer than ten."""

    told: Told[Loss]
    arm: str
    n_units: int | None


@dataclass(frozen=True, slots=True)
class LossCheck:
    """Whether the reasons given for missing outcomes account for those that the data miss, in one arm."""

    arm: str
    missing: int | None
    explained: int | None
    agrees: bool


def losses_of(trial: Trial, viewer: Person, *, exact: bool) -> list[LossTold]:
    """Return the losses that the viewer may read."""
    names = arm_names(trial)
    return [
        LossTold(
            one,
            arm_as_told(trial, one.entry, names, viewer),
            shown_count(one.entry.n_units, exact=exact),
        )
        for one in _read(Loss, trial, viewer, "trial")
    ]


def implementations_of(trial: Trial, viewer: Person) -> list[Told[Implementation]]:
    """Return what was delivered and what it took, if the viewer may read it."""
    return _read(Implementation, trial, viewer)


def remarks_of(trial: Trial, viewer: Person) -> list[Told[Remark]]:
    """Return the limitations and interpretations that the viewer may read."""
    return _read(Remark, trial, viewer)


def explanations_of(trial: Trial, viewer: Person) -> list[Told[Explanation]]:
    """Return why the trial was stopped or is not published, as far as the viewer may know of the trial."""
    return _read(Explanation, trial, viewer)


def loss_checks(trial: Trial, viewer: Person, *, exact: bool) -> list[LossCheck]:
    """Compare, arm by arm, the units whose outcome is missing with those that somebody explained.

    Only where the account and the draw are open to the viewer and the registered analysis has run. A loss of one
    period is not compared: the data miss a unit only where it has no outcome in any period.
    """
    if not trial.is_data_locked or not is_open_to(trial, viewer):
        return []
    allocation = trial.allocation
    if allocation is None:
        return []
    if allocation.needs_draw and not allocation.is_open_to(viewer):
        return []
    missing = missing_by_arm(trial)
    if missing is None:
        return []
    explained = dict.fromkeys(missing, 0)
    for entry in Loss.objects.filter(trial=trial, stage=Loss.Stage.NO_OUTCOME, period="").standing():
        explained[entry.arm] = explained.get(entry.arm, 0) + entry.n_units
    names = arm_names(trial)
    return [
        LossCheck(
            names.get(arm, arm) or "all units",
            shown_count(missing.get(arm, 0), exact=exact),
            shown_count(explained[arm], exact=exact),
            missing.get(arm, 0) == explained[arm],
        )
        for arm in sorted(
            explained, key=lambda arm: (list(names).index(arm) if arm in names else len(names), arm)
        )
    ]


def arm_names(trial: Trial) -> dict[str, str]:
    """Return the arms of the version in force by their ids."""
    registration = trial.registration
    return {one.id: one.label or one.id for one in registration.frozen_protocol.arms} if registration else {}


def arm_as_told(trial: Trial, entry: Any, names: dict[str, str], viewer: Person) -> str:
    """Return the name of the entry's arm, or why it is not told."""
    if not entry.arm:
        return "all arms together"
    if not knows_arm(trial, entry, viewer):
        return "its arm is shown once the data are locked"
    return names.get(entry.arm, entry.arm)


def knows_arm(trial: Trial, entry: Any, viewer: Person) -> bool:
    """Return whether the viewer may know what arm the entry is about."""
    is_own = entry.by_id == viewer.pk
    return trial.is_data_locked or is_own or has_permission(viewer, Permission.ALLOCATION_SEE, on=trial)


def shown_count(count: int | None, *, exact: bool) -> int | None:
    """Return a count of events or units as it may be shown; None where fewer than ten are hidden."""
    return count if exact or count is None else disclosure.round_count(count)


def count_words(count: int | None) -> str:
    """Return a count as it may be shown, in words."""
    return "fewer than 10" if count is None else f"{count:,}"


def is_inside(trial: Trial, viewer: Person) -> bool:
    """Return whether the viewer works on the trial."""
    return bool(type(trial).objects.worked_on_by(viewer).filter(pk=trial.pk).exists())


def is_open_to(trial: Trial, viewer: Person) -> bool:
    """Return whether the viewer may read the account: those inside once there is one, the public with the results."""
    if trial.number is None:
        return False
    return trial.results_state in ONCE_OUT or is_inside(trial, viewer)
