"""What the hub's rows must be to each other, kept by the database itself, whoever writes.

Constraints see one row; these look across rows, so they are triggers, put in place after every `migrate`.
"""

from centre.triggers import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "qualityaction_at_a_visit_to_its_force",
        "centre_qualityaction",
        "INSERT",
        "NEW.visit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM centre_visit v"
        " WHERE v.id = NEW.visit_id AND v.force_id = NEW.force_id)",
        "an action is agreed at a visit to its own force",
        family="hub",
    ),
    Rule(
        "signaljudgement_follows_no_closed_one",
        "centre_signaljudgement",
        "INSERT",
        # The state stays with the month of the series, so that a judgement of a later scan of it is held to this too.
        "EXISTS (SELECT 1 FROM centre_signaljudgement j JOIN centre_signal s ON s.id = j.signal_id"
        " JOIN centre_signal n ON n.force_id = s.force_id AND n.measure = s.measure AND n.month = s.month"
        " WHERE n.id = NEW.signal_id AND j.state = 'closed')",
        "nothing follows a signal that was closed",
        family="hub",
    ),
    Rule(
        "furthermeasure_beside_a_first_one",
        "centre_furthermeasure",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM centre_standard s WHERE s.id = NEW.standard_id AND s.adopted_at IS NULL"
        " AND CASE NEW.part WHEN 'inputs' THEN s.inputs_id WHEN 'activity' THEN s.activity_id"
        " ELSE s.outcome_id END <> NEW.measure_id)",
        "a further measure stands beside another of its kind in a standard that is not adopted",
        family="hub",
    ),
    Rule(
        "furthermeasure_of_its_kind",
        "centre_furthermeasure",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM centre_measure m WHERE m.id = NEW.measure_id"
        " AND m.kind = CASE NEW.part WHEN 'inputs' THEN 'input' ELSE NEW.part END"
        " AND NOT (m.kind = 'outcome' AND m.unit = 'hours'))",
        "hours are no outcome, and a measure stands in the part of its kind",
        family="hub",
    ),
    Rule(
        "standardwithdrawal_of_an_adopted_one",
        "centre_standardwithdrawal",
        "INSERT",
        "EXISTS (SELECT 1 FROM centre_standard s WHERE s.id = NEW.standard_id AND s.adopted_at IS NULL)",
        "only an adopted standard is withdrawn",
        family="hub",
    ),
)
