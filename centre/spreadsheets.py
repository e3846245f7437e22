"""Cells on their way out, into a CSV file that somebody opens in a spreadsheet. Pure."""

# What a spreadsheet takes for the start of a formula, or drops; the last four are the full-width forms.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


def export_cell(text: str) -> str:
    """Make a text cell that no spreadsheet runs: lead a formula in by an apostrophe.

    For text only. Numbers are written as numbers, so that "-5" stays one.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
