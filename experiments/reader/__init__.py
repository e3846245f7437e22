"""The strict reader of data files: nothing is guessed, repaired or rounded.

``read_upload`` takes what forces hand in, ``read_for_analysis`` what the command line is given. Both work on
the text of the file and type it afterwards; both name every problem by line and column. Pure: no Django.
"""

from experiments.reader.panel import MissingPeriods
from experiments.reader.parquet import write_parquet
from experiments.reader.problems import FileRefused, Problem
from experiments.reader.reading import Progress, read_for_analysis, read_upload
from experiments.reader.report import Reading, Report
from experiments.reader.schema import COMMAND_LINE, UPLOAD, ColumnSpec, Kind, Limits, Panel

__all__ = [
    "COMMAND_LINE",
    "UPLOAD",
    "ColumnSpec",
    "FileRefused",
    "Kind",
    "Limits",
    "MissingPeriods",
    "Panel",
    "Problem",
    "Progress",
    "Reading",
    "Report",
    "read_for_analysis",
    "read_upload",
    "write_parquet",
]
