"""The columns of the estimates table, from which the codebook and the schemas are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pyarrow as pa

from experiments.stats import options, tables
from experiments.stats.options import ESTIMATOR_RULES

# Which promise each row answers to, before the engine's own columns.
ORIGIN = ("trial_id", "protocol_version", "registration_hash", "analysis_id", "prespecified")
KEY = ("analysis_id", "id", "term")
_EFFECT = "of the outcome; the log of a ratio where the scale is one"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str  # of Table Schema: string, number, integer, boolean, date, datetime
    meaning: str
    unit: str = ""
    words: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    is_required: bool = False


_COVARIANCES = tuple(dict.fromkeys(name for rule in ESTIMATOR_RULES.values() for name in rule.covariances))
_COLUMNS = (
    Column("trial_id", "string", "Number of the trial in the registry.", is_required=True),
    Column("protocol_version", "string", "Version of the registered protocol.", is_required=True),
    Column("registration_hash", "string", "SHA-256 of the frozen protocol.", is_required=True),
    Column("analysis_id", "string", "Id of the analysis in the registry.", is_required=True),
    Column(
        "prespecified",
        "boolean",
        "Whether the plan was the registered one; else the analysis is post hoc.",
        is_required=True,
    ),
    Column("id", "string", "Id of the estimate in the plan.", is_required=True),
    Column(
        "role", "string", "What the estimate is for, as registered.", words=options.ROLES, is_required=True
    ),
    Column("outcome", "string", "Column of the data that is estimated on.", is_required=True),
    Column(
        "estimand",
        "string",
        "Effect that is meant: of being assigned, of being treated, or on the treated.",
        words=options.ESTIMANDS,
        is_required=True,
    ),
    Column("estimator", "string", "How it was estimated.", words=tuple(ESTIMATOR_RULES), is_required=True),
    Column("covariance", "string", "How its error was estimated.", words=_COVARIANCES),
    Column(
        "status",
        "string",
        "Whether there is a number; where not, reason says why.",
        words=("ok", "not_estimable"),
        is_required=True,
    ),
    Column("reason", "string", "Why there is no estimate."),
    Column(
        "term",
        "string",
        "Blank: the estimate itself. Otherwise one number of several behind it, such as event_time=2.",
    ),
    Column("estimate", "number", "Effect; a ratio is given as its natural logarithm.", _EFFECT),
    Column("std_error", "number", "Standard error of the estimate.", _EFFECT, lowest=0),
    Column("df", "number", "Degrees of freedom of the reference t; blank: the normal.", lowest=0),
    Column("statistic", "number", "Estimate over its standard error."),
    Column("p_value", "number", "p value of no effect, not adjusted.", lowest=0, highest=1),
    Column(
        "p_value_adjusted",
        "number",
        "p value, adjusted within its family as registered.",
        lowest=0,
        highest=1,
    ),
    Column("conf_low", "number", "Lower end of the interval, not adjusted.", _EFFECT),
    Column("conf_high", "number", "Upper end of the interval, not adjusted.", _EFFECT),
    Column("band_low", "number", "Lower end of the band that holds all terms at once.", _EFFECT),
    Column("band_high", "number", "Upper end of the band that holds all terms at once.", _EFFECT),
    Column("conf_level", "number", "Level of the interval.", "share", lowest=0, highest=1),
    Column(
        "scale",
        "string",
        "Scale of the estimate; on the log scales its exponential is the ratio.",
        words=get_args(options.Scale),
    ),
    Column("yi", "number", "Effect as a meta-analysis takes it; blank where the scale is the outcome's own."),
    Column("vi", "number", "Its sampling variance.", lowest=0),
    Column("pct_change", "number", "Change against the comparison, where the effect is a ratio.", "per cent"),
    Column("n_obs", "integer", "Rows used; rounded or blank where they are people.", "rows", lowest=0),
    Column("n_units", "integer", "Units used; rounded or blank where they are people.", "units", lowest=0),
    Column("n_clusters", "integer", "Clusters used.", "clusters", lowest=0),
    Column(
        "n_treated", "integer", "Units treated; rounded or blank where they are people.", "units", lowest=0
    ),
    Column("icc", "number", "Share of the outcome's variance that lies between clusters.", "share"),
    Column(
        "mde",
        "number",
        "Effect that this error would have found with 80 per cent power; blank where the test is by draws.",
        _EFFECT,
    ),
)
KNOWN: Mapping[str, Column] = {column.name: column for column in _COLUMNS}
ESTIMATES: tuple[Column, ...] = tuple(KNOWN[name] for name in (*ORIGIN, *tables.COLUMNS))
CODEBOOK: tuple[Column, ...] = (
    Column("table", "string", "Name of the table.", is_required=True),
    Column("column", "string", "Name of the column.", is_required=True),
    Column("type", "string", "Type of its values.", is_required=True),
    Column("unit", "string", "Unit of its values, where they have one."),
    Column("words", "string", "The words it may hold, with a bar between them."),
    Column("required", "boolean", "Whether every row has a value.", is_required=True),
    Column("meaning", "string", "What it says.", is_required=True),
)
_ARROW = {
    "string": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}


def field(column: Column) -> dict[str, Any]:
    """Return a column as a field of Table Schema 2."""
    limits: dict[str, Any] = {"required": True} if column.is_required else {}
    if column.words:
        limits["enum"] = list(dict.fromkeys(column.words))
    if column.lowest is not None:
        limits["minimum"] = column.lowest
    if column.highest is not None:
        limits["maximum"] = column.highest
    made: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.meaning}
    if column.unit:
        made["unit"] = column.unit
    if column.name == "term":
        made["missingValues"] = []  # blank is its value for the estimate itself, and part of the key
    return {**made, "constraints": limits} if limits else made


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns with the types of Parquet."""
    return pa.schema([(column.name, _ARROW[column.type]) for column in columns])
