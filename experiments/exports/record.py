"""What an export knows of a trial: its protocol, and the facts that the registry itself recorded."""

import datetime as dt
from dataclasses import dataclass

from experiments.protocol import Protocol


@dataclass(frozen=True, slots=True)
class VersionFact:
    """One frozen version of the protocol. `reason` is empty for the first."""

    version: str
    registered_on: dt.date
    sha256: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One published release: when, where, and whether the registered plan made it."""

    published_on: dt.date
    url: str
    is_registered_plan: bool
    units_analysed: tuple[tuple[str, int], ...] = ()  # name of the outcome, units; small counts are left out


@dataclass(frozen=True, slots=True)
class Account:
    """What the team says happened, in words; counts are as disclosure control lets them out.

    `is_open` tells nothing on record from nothing that may be read yet.
    """

    is_open: bool = False
    deviations: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    implementation: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    interpretations: tuple[str, ...] = ()  # where the results may hold, too
    stopped: tuple[str, ...] = ()
    not_published: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The registry's own record. States are in words; addresses are whole. A draft has no number and no versions."""

    registry: str
    number: str = ""
    url: str = ""
    document_url: str = ""
    versions: tuple[VersionFact, ...] = ()
    badge: str = ""
    registration_state: str = ""
    conduct_state: str = ""
    results_state: str = ""
    state_reason: str = ""
    tactic: str = ""
    forces: tuple[tuple[str, str], ...] = ()  # slug and name
    listed_units: int | None = None
    assigned: tuple[tuple[str, int], ...] = ()  # name of the arm, units; empty until the public may know
    is_overdue: bool = False
    is_simulated: bool = False
    results: tuple[PublishedResult, ...] = ()
    account: Account = Account()


@dataclass(frozen=True, slots=True)
class Record:
    """One trial, to be exported."""

    protocol: Protocol
    facts: Facts
