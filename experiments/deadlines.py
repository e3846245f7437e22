"""The periods that hold a trial, beside those that follow from its protocol. They are the Centre's rules."""

import datetime as dt

UPDATE_MONTHS = 6  # a public note on progress
FACTUAL_CHECK = dt.timedelta(days=28)  # the force's, after clearance
LONGEST_EXTENSION_MONTHS = 6  # of an embargo, once
LONGEST_DEFERRAL = dt.timedelta(days=60)  # once
OBJECTION_WINDOW = dt.timedelta(hours=48)  # after approval of a major amendment
