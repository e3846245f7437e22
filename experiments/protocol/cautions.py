"""Answers that are accepted and will be labelled, or that somebody should look at again."""

from collections.abc import Iterator

from centre.errors import Problem
from experiments.protocol.plain_words import LONG_SENTENCE, sentence_length
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import DataSeen


def answer_warnings(protocol: Protocol) -> Iterator[Problem]:
    """Yield what the answers leave to be said."""
    length = sentence_length(protocol.title.plain_summary)
    if length > LONG_SENTENCE:
        message = f"The sentences of the summary are long: {length:.0f} words on average"
        yield Problem("/title/plain_summary", message)
    yield from _comparison(protocol)
    intake = protocol.eligibility.intake
    expected, processed = intake.dry_run_expected, intake.dry_run_processed
    if expected and processed is not None and processed < expected:
        message = f"The rehearsal took {processed:,} of the {expected:,} expected cases through"
        yield Problem("/eligibility/intake/dry_run_processed", message)


def _comparison(protocol: Protocol) -> Iterator[Problem]:
    design, qed = protocol.design.design, protocol.qed
    if (
        design
        and design.is_difference_in_differences
        and qed.pre_periods_n is not None
        and qed.pre_periods_n < 3
    ):
        message = "Fewer than 3 periods before treatment: the trial's security is capped at 3"
        yield Problem("/qed/pre_periods_n", message)
    if qed.data_already_seen in (DataSeen.HELD_UNANALYSED, DataSeen.ANALYSED):
        message = "Data from after the start are with the team already: the record will show it"
        yield Problem("/qed/data_already_seen", message)
