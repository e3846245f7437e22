"""What the trial is, who does it, who pays, and what it asks."""

from dataclasses import dataclass

from experiments.protocol import vocabulary as words
from experiments.protocol.schema.basics import SHORT, Answer, DocumentRef, added, free_text


@dataclass(frozen=True, slots=True)
class Title:
    public_title: str = free_text(150, "Title")
    scientific_title: str = free_text(300)
    acronym: str = free_text(40)
    plain_summary: str = free_text(2_500)


@dataclass(frozen=True, slots=True)
class TacticUnderTest:
    """The library tactic that is tested, at the version of its description that was read."""

    slug: str = free_text(120)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    name: str = free_text(200)
    organisation: str = free_text(200)
    role: words.PersonRole | None = None
    orcid: str = free_text(40)


@dataclass(frozen=True, slots=True)
class SecondaryId:
    """A number that somebody else gave. `name` says who, where the list of issuers does not."""

    issuer: words.Issuer | None = None
    name: str = free_text(60)
    value: str = free_text(120)


@dataclass(frozen=True, slots=True)
class Team:
    sponsor: str = free_text(SHORT)
    senior_sponsor: str = free_text(SHORT)
    people: tuple[Person, ...] = ()
    independence: words.Independence | None = None
    public_involvement: Answer = Answer()
    secondary_ids: tuple[SecondaryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Funding:
    sources: tuple[str, ...] = ()
    conflicts: Answer = Answer()
    paid_by_implementer: bool | None = None
    publication_agreement: bool | None = None
    publication_terms: str = free_text()
    agreement_document: DocumentRef = added(DocumentRef())


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A (treatment) causes (less, more) (outcome) than a (comparator): arms and outcomes by id."""

    treatment: str = free_text(60)
    direction: words.Expected | None = None
    outcome: str = free_text(60)
    comparator: str = free_text(60)


@dataclass(frozen=True, slots=True)
class ProblemStudied:
    problem_types: tuple[str, ...] = ()
    harm_measure: words.HarmMeasure | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    framework: words.Framework | None = None
    margin: float | None = None
    theory_of_change: str = free_text()
    prior_evidence: tuple[str, ...] = ()
    follows_trials: tuple[str, ...] = added(())
