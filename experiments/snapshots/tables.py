"""The tables of a snapshot: their columns, and where each value stands in the registry's own rows."""

from dataclasses import dataclass

from experiments.packages.columns import Column

PROTOCOLS = "protocols.jsonl"
# An analysis may be released again after a release of it was withdrawn.
ESTIMATE_KEY = ("analysis_id", "estimate_id", "released_at")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table, and the path to its value from a row of the model."""

    column: Column
    path: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, what a row is, its fields in order, and which of them make a row known.

    `model` is the label of the model that a row comes from.
    """

    name: str
    row: str
    model: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return its columns in order."""
        return tuple(field.column for field in self.fields)

    @property
    def order(self) -> tuple[str, ...]:
        """Return the paths that its rows are put in order by."""
        paths = {field.column.name: field.path for field in self.fields}
        return tuple(paths[name] for name in self.key)


def _text(name: str, path: str, meaning: str, *, required: bool = False) -> Field:
    return Field(Column(name, "string", meaning, is_required=required), path)


def _number(name: str, path: str, meaning: str) -> Field:
    return Field(Column(name, "number", meaning), path)


def _whole(name: str, path: str, meaning: str) -> Field:
    return Field(Column(name, "integer", meaning), path)


def _yes(name: str, path: str, meaning: str) -> Field:
    return Field(Column(name, "boolean", meaning, is_required=True), path)


def _day(name: str, path: str, meaning: str) -> Field:
    return Field(Column(name, "date", meaning), path)


def _moment(name: str, path: str, meaning: str) -> Field:
    return Field(Column(name, "datetime", meaning), path)


_TRIAL = _text("trial_id", "trial__number", "Number of the trial.", required=True)

# What hangs on something comes before it: a row that was published meanwhile has whatever it hangs on.
TABLES: tuple[Table, ...] = (
    Table(
        "release_files",
        "a file of a release",
        "experiments.ReleaseFile",
        (
            _text("release", "release__public_id", "Release.", required=True),
            _text("name", "name", "Name.", required=True),
            _text("sha256", "sha256", "SHA-256 of the file.", required=True),
            _whole("bytes", "size", "Size."),
        ),
        ("release", "name"),
    ),
    Table(
        "releases",
        "a published release of results",
        "experiments.Release",
        (
            _text("release", "public_id", "Id of the release.", required=True),
            _TRIAL,
            _text("analysis_id", "analysis__public_id", "Id of the analysis."),
            _yes("prespecified", "analysis__is_registered", "Whether the plan was the registered one."),
            _text(
                "data_sha", "analysis__dataset__file_sha256", "SHA-256 of the data file, which is not here."
            ),
            _text("plan_sha", "analysis__plan_sha256", "SHA-256 of the plan."),
            _text("note", "note", "What was published beside it."),
            _moment("published_at", "published_at", "When it was published."),
        ),
        ("release",),
    ),
    Table(
        "versions",
        "a frozen version of a protocol",
        "experiments.Registration",
        (
            _TRIAL,
            _whole("major", "major", "First part of the version's number."),
            _whole("minor", "minor", "Second part."),
            _text("registration_hash", "sha256", "SHA-256 of what registration froze of it.", required=True),
            _text("badge", "badge", "Prospective or not, as computed."),
            _whole("outcome_data_category", "outcome_data_category", "Outcome data: 1 none yet, 4 analysed."),
            _whole("assignment_data_category", "assignment_data_category", "The same of the assignment."),
            _moment("registered_at", "registered_at", "When it was frozen."),
        ),
        ("trial_id", "major", "minor"),
    ),
    Table(
        "sites",
        "a force in which a trial runs",
        "experiments.Site",
        (
            _TRIAL,
            _text("force", "force__slug", "Force.", required=True),
            _text("area", "area", "Area in the force."),
        ),
        ("trial_id", "force"),
    ),
    Table(
        "trials",
        "a registered trial",
        "experiments.Trial",
        (
            _text("trial_id", "number", "Number of the trial.", required=True),
            _text("title", "title", "Title."),
            _text("tactic", "tactic__slug", "Tactic under test."),
            _text("lead_force", "lead_force__slug", "Force that leads it."),
            _text("design", "searched_design", "Design."),
            _text("registration_state", "registration_state", "State of the registration."),
            _text("conduct_state", "conduct_state", "State of the conduct."),
            _text("results_state", "results_state", "State of the results."),
            _moment("registered_at", "registered_at", "When it was registered."),
            _moment("public_from", "public_from", "From when the record was public."),
            _day("planned_from", "planned_from", "First day of treatment, planned."),
            _day("planned_until", "planned_until", "Last day of treatment, planned."),
            _day("first_treated_on", "first_treated_on", "First day of treatment, actual."),
            _day("last_treated_on", "last_treated_on", "Last day of treatment, actual."),
            _day("results_due_on", "results_due_on", "When results are due."),
            _yes("is_simulated", "is_simulated", "True: invented to show how the registry works."),
        ),
        ("trial_id",),
    ),
    Table(
        "findings",
        "one study's estimate as the library holds it, oriented so that below nought is a benefit",
        "tactics.Finding",
        (
            _text("finding", "pk", "Id of the finding.", required=True),
            _text("tactic", "tactic__slug", "Tactic."),
            _text("outcome", "outcome_domain__slug", "Outcome."),
            _text("study", "study_label", "Study."),
            _text("trial_id", "trial_number", "Number of the trial, where it is registered here."),
            _text("metric", "metric", "Scale of the effect."),
            _number("yi", "yi", "Effect."),
            _number("vi", "vi", "Its sampling variance."),
            _whole("security", "security", "Security of the trial, 0 to 5."),
            _yes("is_simulated", "is_simulated", "True: invented to show how the registry works."),
            _moment("recorded_at", "recorded_at", "When it was recorded."),
            _moment("superseded_at", "superseded_at", "When a correction took its place; blank: it stands."),
        ),
        ("finding",),
    ),
    Table(
        "ratings",
        "a rating that is or was public, of one tactic on one outcome",
        "tactics.Rating",
        (
            _text("rating", "pk", "Id of the rating.", required=True),
            _text("tactic", "tactic__slug", "Tactic."),
            _text("outcome", "outcome_domain__slug", "Outcome."),
            _text("label", "label", "What the library says."),
            _whole("strength", "strength", "Strength of the evidence, 0 to 5."),
            _text("size_band", "size_band", "Size of the effect."),
            _text("rules_version", "rules_version", "Rules that made it."),
            _moment("published_at", "published_at", "When it became public."),
            _moment("superseded_at", "superseded_at", "When another took its place; blank: it stands."),
        ),
        ("rating",),
    ),
    Table(
        "tactics",
        "a published tactic",
        "tactics.Tactic",
        (
            _text("tactic", "slug", "Short name of the tactic, as addresses have it.", required=True),
            _text("name", "name", "Name."),
            _text("summary", "summary", "What it is, in a sentence."),
            _text("main_outcome", "main_outcome__slug", "Outcome that it is meant to change."),
            _text("stage", "stage", "How far its use has come."),
            _whole("cost_band", "cost_band", "Cost, from 1 (very low) to 5 (very high); blank: not known."),
            _text("setting", "setting_kind", "Kind of place where it is used."),
            _text("population", "population_kind", "Kind of people it is for."),
            _text("force", "force__slug", "Force that proposed it."),
            _yes("uses_ai", "uses_ai", "Whether it uses artificial intelligence."),
            _yes("is_simulated", "is_simulated", "True: invented to show how the registry works."),
            _moment("published_at", "published_at", "When it was published."),
        ),
        ("tactic",),
    ),
    Table(
        "forces",
        "a police force",
        "centre.Force",
        (
            _text("force", "slug", "Short name of the force, as addresses have it.", required=True),
            _text("name", "name", "Name of the force."),
            _text("ons_code", "ons_code", "Code of the Office for National Statistics."),
            _text("region", "region", "Region."),
            _text("nation", "nation", "Nation."),
        ),
        ("force",),
    ),
)
