"""The cut-offs of the checks, by version: changing one makes a new version, and old scorecards keep theirs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Shares are of a month's rows, 0 to 1, unless they say otherwise."""

    version: str
    collapse_below: float  # of the median month
    blank_street: float
    no_location: float
    usual_no_location: float  # that makes a month without any suspect
    repeated_some: float
    repeated_many: float
    foreign_some: float
    foreign_many: float
    faults_many: float
    under_investigation: float
    volume_stop: float  # of a twelfth of the crimes that the national tables have for a year
    volume_low: float  # of the crimes of that very year
    volume_high: float
    revised: float  # of a month's rows before it was sent again, up or down


# As HUB-1.1, which did not hold files beside the national tables. HUB-1.0 had no notes on months that were sent again
# and on changes of counting rules either: no grade differs between these two.
HUB_1_2 = Rules(
    version="HUB-1.2",
    collapse_below=0.6,
    blank_street=0.05,
    no_location=0.05,
    usual_no_location=0.005,
    repeated_some=0.001,
    repeated_many=0.05,
    foreign_some=0.01,
    foreign_many=0.05,
    faults_many=0.01,
    under_investigation=0.01,
    volume_stop=0.5,
    volume_low=0.8,
    volume_high=1.2,
    revised=0.05,
)
CURRENT = HUB_1_2
