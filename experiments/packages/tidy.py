"""The tidy table of a release: one row is one estimate, with the columns that the API has, in CSV and in Parquet."""

from experiments.packages.columns import KNOWN, Column
from experiments.stats import options

KEY = ("analysis_id", "estimate_id")
# What the people of a trial have named or written.
FREE_TEXT = ("outcome_id", "arm", "comparator", "estimate_id", "reason")
_SCALES = ("raw", "irr", "or", "smd")


def _alike(name: str, like: str = "") -> Column:
    """The column of the estimates table that says the same, under the name that it has here."""
    found = KNOWN[like or name]
    return Column(
        name,
        found.type,
        found.meaning,
        found.unit,
        found.words,
        found.lowest,
        found.highest,
        found.is_required,
    )


TIDY: tuple[Column, ...] = (
    _alike("trial_id"),
    _alike("protocol_version"),
    _alike("registration_hash"),
    _alike("analysis_id"),
    _alike("estimand"),
    Column("outcome_id", "string", "Id of the outcome in the protocol.", is_required=True),
    _alike("outcome_role", "role"),
    _alike("prespecified"),
    Column("arm", "string", "Treated arm; blank where there are several."),
    Column("comparator", "string", "Arm that it is compared with."),
    Column("design", "string", "Design of the trial, as registered."),
    _alike("estimator"),
    _alike("estimate"),
    _alike("std_error"),
    _alike("df"),
    _alike("statistic"),
    _alike("p_value"),
    _alike("p_value_adjusted"),
    Column("adjustment", "string", "How p_value_adjusted was adjusted.", words=options.MULTIPLICITIES),
    _alike("conf_low"),
    _alike("conf_high"),
    _alike("conf_level"),
    Column("effect_scale", "string", "Scale: raw, or the log of a ratio for irr and or.", words=_SCALES),
    _alike("yi"),
    _alike("vi"),
    Column("direction_of_benefit", "string", "Which way is better, as registered."),
    Column(
        "n_units_arm", "integer", "Units treated; rounded or blank where they are people.", "units", lowest=0
    ),
    Column("n_units_comp", "integer", "Units compared with; rounded or blank likewise.", "units", lowest=0),
    Column(
        "n_clusters_arm",
        "integer",
        "Clusters treated; blank where it is not said.",
        "clusters",
        lowest=0,
    ),
    Column("n_clusters_comp", "integer", "Clusters compared with; blank likewise.", "clusters", lowest=0),
    _alike("icc"),
    Column("integrity_pct", "number", "Treatment delivered as assigned.", "per cent", lowest=0),
    Column("window_start", "date", "First day of the intervention, as registered."),
    Column("window_end", "date", "Last day of follow-up, as registered."),
    Column("suppressed", "boolean", "Whether disclosure control took a count away.", is_required=True),
    Column("suppression_rule", "string", "By which rule."),
    Column("engine_version", "string", "Version of the statistics engine."),
    Column("code_sha", "string", "Version of the software that ran it."),
    Column("data_sha", "string", "SHA-256 of the data file.", is_required=True),
    Column("released_at", "datetime", "When it was published, in UTC.", is_required=True),
    Column("licence", "string", "Licence of the row.", is_required=True),
    Column("estimate_id", "string", "Id of the estimate in the plan.", is_required=True),
    _alike("status"),
    _alike("reason"),
    _alike("n_obs"),
    Column("is_simulated", "boolean", "True: invented, and no evidence.", is_required=True),
)
