"""The walk itself: every step by the person whose part it is."""

import io
from dataclasses import dataclass

from centre.models import Force, User
from experiments import protocol
from experiments.actions import (
    allocations,
    analyses,
    blind_reviews,
    conduct,
    cosignatures,
    datasets,
    factual_checks,
    implementations,
    registrations,
    releases,
    reviews,
    trials,
)
from experiments.actions.collisions import undeclared
from experiments.lifecycle import Conduct
from experiments.management.walking import people, protocols, workers
from experiments.management.walking.measuring import Ledger
from experiments.management.walking.panel import PanelFile
from experiments.models import Analysis, Release, Trial
from tactics.actions import ratings
from tactics.actions import tactics as catalogue
from tactics.details import TacticDetails
from tactics.models import Rating, Tactic


@dataclass(slots=True)
class Walked:
    """What stands at the end."""

    tactic: Tactic
    trial: Trial
    analysis: Analysis
    release: Release
    ratings: list[Rating]


@dataclass(slots=True)
class Walk:
    """One walk; `ledger` has the time and memory of each step."""

    name: str
    source: str
    panel: PanelFile
    patience: float
    ledger: Ledger

    def run(self) -> Walked:
        """Take the panel the whole way."""
        with self.ledger.step("People and force", "–"):
            who = people.make(protocols.COUNTRY)
            force = Force.objects.get(slug=people.FORCE_SLUG)
        tactic = self._tactic(who)
        trial = self._register(who, tactic, force)
        self._freeze(who, trial)
        self._data(who, trial)
        analysis = self._analyse(who, trial)
        release = self._release(who, trial, analysis)
        return Walked(tactic, Trial.objects.get(pk=trial.pk), analysis, release, self._rate(who, tactic))

    def _tactic(self, who: dict[str, User]) -> Tactic:
        with self.ledger.step("Tactic proposed and published", "trial lead, publisher"):
            tactic = catalogue.propose(details=_details(self.name), by=who["lead"])
            return catalogue.publish(tactic=tactic, by=who["publisher"])

    def _register(self, who: dict[str, User], tactic: Tactic, force: Force) -> Trial:
        with self.ledger.step("Protocol written and submitted", "trial lead"):
            trial = trials.start(
                title=self.name, by=who["lead"], tactic=tactic, lead_force=force, notice=protocols.NOTICE
            )
            document = protocols.document(
                title=self.name,
                tactic=tactic.slug,
                tactic_version=tactic.version,
                force=force.slug,
                plan=self.panel.plan,
                source=self.source,
                n_units=len(self.panel.units()),
            )
            met = undeclared(trial, protocol.from_json(document))  # the walk before, for one
            document["design"]["concurrent_trials"] = [one.other.number for one in met]
            trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=who["lead"])
            trials.submit(trial=trial, by=who["lead"])
        with self.ledger.step(
            "Reviewed, signed and registered: frozen, numbered, hashed",
            "methods reviewer, senior sponsor, registrar",
        ):
            reviews.decide(trial=trial, decision="approve", by=who["reviewer"])
            cosignatures.sign(trial=trial, by=who["sponsor"])
            registrations.register(trial=trial, by=who["registrar"])
        return Trial.objects.get(pk=trial.pk)

    def _freeze(self, who: dict[str, User], trial: Trial) -> None:
        with self.ledger.step("Units and treatment starts frozen", "allocation custodian"):
            conduct.advance(trial=trial, to=Conduct.BASELINE, by=who["registrar"])
            allocations.freeze_units(trial=trial, lines=self.panel.units(), by=who["custodian"])
            conduct.advance(trial=trial, to=Conduct.DELIVERING, by=who["lead"])
            conduct.advance(trial=trial, to=Conduct.FOLLOW_UP, by=who["lead"])

    def _data(self, who: dict[str, User], trial: Trial) -> None:
        with self.ledger.step("Upload staged", "trial lead"):
            content = self.panel.upload()
            run = datasets.receive(
                trial=trial,
                file=io.BytesIO(content),
                filename="panel.csv",
                reason="The panel as published",
                by=who["lead"],
            )
        with self.ledger.step("Every row checked, columns written to the vault", "worker") as measured:
            workers.wait(run, measured, patience=self.patience)
        with self.ledger.step("Data locked", "registrar"):
            comment = "Read by a program, line by line; nothing was refused."
            blind_reviews.record(trial=trial, comment=comment, by=who["registrar"])
            conduct.advance(trial=trial, to=Conduct.DATA_LOCKED, by=who["registrar"])

    def _analyse(self, who: dict[str, User], trial: Trial) -> Analysis:
        with self.ledger.step("Analysis requested", "analyst"):
            analysis = analyses.request(trial=trial, by=who["analyst"])
        with self.ledger.step("Registered plan run", "worker") as measured:
            workers.wait(analysis.run, measured, patience=self.patience)
        with self.ledger.step("Trial completed", "registrar"):
            unknown = "The panel as published does not say."
            implementations.record(
                trial=trial,
                delivered=unknown,
                by_whom=unknown,
                adaptation=unknown,
                hours_not_measured_because=unknown,
                cost_not_measured_because=unknown,
                by=who["registrar"],
            )
            conduct.advance(trial=trial, to=Conduct.COMPLETED, by=who["registrar"])
        return Analysis.objects.get(pk=analysis.pk)

    def _release(self, who: dict[str, User], trial: Trial, analysis: Analysis) -> Release:
        with self.ledger.step("Release prepared under disclosure control", "analyst"):
            release = releases.prepare(trial=trial, analysis=analysis, by=who["analyst"])
        with self.ledger.step("Release cleared twice", "two output checkers"):
            for key in ("checker", "second_checker"):
                releases.clear(release=release, by=who[key])
        with self.ledger.step("Published: findings recorded, candidate rating computed", "publisher"):
            factual_checks.record(release=release, by=who["lead"])
            return releases.publish(release=release, by=who["publisher"])

    def _rate(self, who: dict[str, User], tactic: Tactic) -> list[Rating]:
        with self.ledger.step("Ratings signed where a label needs it", "two methods reviewers"):
            for rating in Rating.objects.filter(tactic=tactic, published_at=None, superseded_at=None):
                for key in ("reviewer", "second_reviewer"):
                    ratings.sign(rating=rating, by=who[key])
        current = Rating.objects.filter(tactic=tactic, superseded_at=None).select_related("outcome_domain")
        return list(current)


def _details(name: str) -> TacticDetails:
    words = "A demonstration with published data from another country. It is no evidence about UK policing."
    return TacticDetails(
        name=f"{name} (demonstration, not UK evidence)",
        summary="Training officers to listen, explain and be even-handed: real data from abroad, to show the registry.",
        problems=("trust",),
        main_outcome="complaints",
        problem_text="Complaints and uses of force cost trust.\n\n" + words,
        mechanism="People who are heard and told why accept decisions more often.",
        implementation="A day of training for every officer, in waves.\n\n" + words,
        moderators="Not known from this demonstration.",
        economics="Not measured in these data.",
        stage="in_use",
        contact="The registry's maintainers",
    )
