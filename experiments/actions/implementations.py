"""What was delivered and what it took is on record: measured, or with the reason why it was not."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from centre.errors import Conflict, Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.models import Implementation, Trial

MOST_HOURS, MOST_POUNDS = Decimal(10**9), Decimal(10**11)
FIRST_YEAR = 1990


@transaction.atomic
def record(
    *,
    trial: Trial,
    delivered: str,
    by_whom: str,
    adaptation: str,
    staff_hours: Decimal | None = None,
    hours_basis: str = "",
    hours_not_measured_because: str = "",
    cost: Decimal | None = None,
    price_year: int | None = None,
    payer: str = "",
    cost_covers: str = "",
    cost_not_measured_because: str = "",
    corrects: Implementation | None = None,
    correction_reason: str = "",
    by: User,
) -> Implementation:
    """One account of delivery and cost stands for the trial; a later one corrects it."""
    trial = accounts.opened(trial, by)
    if corrects is None and Implementation.objects.filter(trial=trial).standing().exists():
        raise Conflict("Delivery and cost are on record already. Correct that entry.")
    made = Implementation(
        trial=trial,
        delivered=accounts.text("/delivered", delivered, "What was delivered", "Say what was delivered"),
        by_whom=accounts.text("/by_whom", by_whom, "By whom", "Say who delivered it"),
        adaptation=accounts.text(
            "/adaptation", adaptation, "What was adapted", "Say what was adapted, or that nothing was"
        ),
        **accounts.correction(trial, corrects, correction_reason),
    )
    _hours(made, staff_hours, hours_basis, hours_not_measured_because)
    _cost(made, cost, cost_not_measured_because)
    if made.cost is not None:
        _priced(made, price_year, payer, cost_covers)
    return accounts.keep(made, by)


def is_told(trial: Trial) -> bool:
    """Return whether delivery and cost are on record."""
    return bool(Implementation.objects.filter(trial=trial).standing().exists())


def _hours(made: Implementation, hours: Decimal | None, basis: str, because: str) -> None:
    if hours is None:
        made.hours_not_measured_because = accounts.text(
            "/hours_not_measured_because",
            because,
            "The reason",
            "Enter the staff hours, or say why they were not measured",
        )
        return
    if because.strip():
        raise Invalid.field("/hours_not_measured_because", "Leave this blank where you enter the hours")
    if not 0 <= hours <= MOST_HOURS:
        raise Invalid.field("/staff_hours", f"Enter hours from 0 to {MOST_HOURS:,}")
    if basis not in Implementation.Basis.values:
        raise Invalid.field("/hours_basis", "Choose where the hours come from")
    made.staff_hours, made.hours_basis = hours, basis


def _cost(made: Implementation, cost: Decimal | None, because: str) -> None:
    if cost is None:
        made.cost_not_measured_because = accounts.text(
            "/cost_not_measured_because",
            because,
            "The reason",
            "Enter the cost, or say why it was not measured",
        )
        return
    if because.strip():
        raise Invalid.field("/cost_not_measured_because", "Leave this blank where you enter the cost")
    if not 0 <= cost <= MOST_POUNDS:
        raise Invalid.field("/cost", f"Enter pounds from 0 to {MOST_POUNDS:,}")
    made.cost = cost


def _priced(made: Implementation, year: int | None, payer: str, covers: str) -> None:
    this_year = timezone.localdate().year
    if year is None or not FIRST_YEAR <= year <= this_year:
        raise Invalid.field("/price_year", f"Enter the year of the prices, from {FIRST_YEAR} to {this_year}")
    made.price_year = year
    made.payer = accounts.text("/payer", payer, "Who paid", "Say who paid")
    made.cost_covers = accounts.text(
        "/cost_covers", covers, "What the cost covers", "Say what the cost covers"
    )
