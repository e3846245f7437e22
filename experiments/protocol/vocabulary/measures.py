"""What is measured, looked at and estimated."""

from experiments.protocol.vocabulary.choice import Choice


class HarmMeasure(Choice):
    COUNT = "count", "Number of crimes or incidents"
    CAMBRIDGE_CHI = "cambridge_chi", "Cambridge Crime Harm Index"
    ONS_SEVERITY = "ons_severity", "ONS Crime Severity Score"
    TIME = "time"
    COST = "cost"
    OTHER = "other"


class OutcomeRole(Choice):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"
    HARM = "harm"
    EXPLORATORY = "exploratory"


class Measure(Choice):
    """What values the data column may hold."""

    COUNT = "count", "Whole number, 0 or more"
    BINARY = "binary", "0 or 1"
    CONTINUOUS = "continuous", "Any number"


class CovariateMeasure(Choice):
    """What values a baseline variable's column may hold."""

    COUNT = "count", "Whole number, 0 or more"
    BINARY = "binary", "0 or 1"
    CONTINUOUS = "continuous", "Any number"
    CATEGORY = "category", "A few words"


class RecordedBy(Choice):
    """How an outcome comes to be written down: self-report by people who know their arm is a threat."""

    OFFICIAL_RECORDS = "official_records", "Official records kept for another purpose"
    SELF_REPORT = "self_report", "What people say of themselves, such as a survey"
    OBSERVER = "observer", "An observer"
    SENSOR = "sensor", "A sensor, such as GPS or body-worn video"


class Direction(Choice):
    LOWER = "lower", "Lower is better"
    HIGHER = "higher", "Higher is better"


class Expected(Choice):
    LESS = "less"
    MORE = "more"
    NO_WORSE = "no_worse"


class Subject(Choice):
    """Whose data an outcome is: small cells protect people, not places or forces."""

    PERSON = "person", "People"
    INCIDENT = "incident", "Incidents with a victim or suspect"
    PLACE = "place", "Places"
    FORCE = "force", "Police forces"


class InterimMethod(Choice):
    """How looks at outcomes by arm before the end are paid for."""

    FIXED = "fixed", "No look: one analysis, at the end"
    GROUP_SEQUENTIAL = "group_sequential", "A few looks, each with its boundary (group sequential)"
    CONFIDENCE_SEQUENCE = "confidence_sequence", "Watched all the time (confidence sequence)"


class Spending(Choice):
    """How much of the error rate each look may spend."""

    OBRIEN_FLEMING = "obrien_fleming", "Nearly all is kept for the end (O’Brien–Fleming type)"
    POCOCK = "pocock", "About the same at every look (Pocock type)"


class Estimand(Choice):
    ITT = "ITT", "Effect of being allocated (intention to treat)"
    CACE = "CACE", "Effect among those who comply"
    ATT = "ATT", "Effect on the treated"
    ATE = "ATE", "Average effect"


class OutcomeLevel(Choice):
    """What has one value of an outcome."""

    UNIT = "unit", "Each unit"
    CLUSTER = "cluster", "Each cluster"


class DeliveryMethod(Choice):
    """How the treatment that was delivered is measured."""

    GPS = "gps", "GPS of officers or handsets"
    AVL = "avl", "Vehicle location (AVL)"
    BWV = "bwv", "Body-worn video"
    RMS = "rms", "Records management system"
    LOG = "log", "Log kept by those who deliver"
    SELF_REPORT = "self_report", "Self-report"


class AttritionBoundary(Choice):
    """The What Works Clearinghouse's boundary of how many may be lost."""

    CAUTIOUS = "cautious", "Cautious: the treatment might move people to drop out (the usual one)"
    OPTIMISTIC = "optimistic", "Optimistic: the treatment cannot move anybody to drop out"
