"""The API, its limits and its description."""

from centre import env

# The API. Shared parts are in centre/api/; a view that names no permission lets nobody in.
API_LICENCE = "Open Government Licence v3.0"
API_REQUESTS_A_MINUTE = {
    "anonymous": env.integer("API_ANONYMOUS_PER_MINUTE", default=300),
    "person": env.integer("API_PERSON_PER_MINUTE", default=1200),
    "write": env.integer("API_WRITES_PER_MINUTE", default=60),
}
API_PART_VERSIONS = {  # what /api/v1/version/ shows, by dotted name: the Centre imports no other app
    "rules": "tactics.rating.CURRENT",
    "protocol": "experiments.protocol.SCHEMA_VERSION",
    "plan": "experiments.stats.plan.PLAN_VERSION",
    "result": "experiments.stats.results.RESULT_VERSION",
    "engine": "experiments.stats.provenance.ENGINE_VERSION",
    "allocation": "experiments.randomise.ALGORITHM_VERSION",
}
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "centre.api.schema.Operation",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "centre.api.authentication.ScopedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["centre.api.permissions.Denied"],
    "DEFAULT_THROTTLE_CLASSES": [
        "centre.api.throttling.AnonymousThrottle",
        "centre.api.throttling.PersonThrottle",
        "centre.api.throttling.WriteThrottle",
    ],
    "DEFAULT_PARSER_CLASSES": ["centre.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "centre.api.negotiation.StrictNegotiation",
    "EXCEPTION_HANDLER": "centre.api.problems.handle",
    "NUM_PROXIES": env.integer("NUM_PROXIES", default=0),  # 0: X-Forwarded-For is not believed
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "centre.ApiToken"  # noqa: S105  a model's name
MIGRATION_MODULES = {"knox": None}  # its own token table is swapped for ours
REST_KNOX = {"TOKEN_PREFIX": "treg_", "AUTH_HEADER_PREFIX": "Token", "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Tactic Registry API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Tactics, ratings with their traces, trials with versions and differences, releases, estimates and runs. "
        "Public reads need no key. A list answers `results`, and `next_page_token` until the last page. Every refusal "
        "is `application/problem+json`. What you may not know answers like what does not exist. "
        "The data hub's rows (submissions, files, figures, offences, panels, signals, places, standards, visits) are "
        "under hub/, for those who may see them; the dictionary of measures is public."
    ),
    "LICENSE": {
        "name": API_LICENCE,
        "url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["centre.api.schema.as_answered", "centre.api.deprecations.in_schema"],
    "ENUM_NAME_OVERRIDES": {
        "ForceKindEnum": "centre.models.Force.Kind",
        "MeasureKindEnum": "centre.models.Measure.Kind",
        "MonthlyFileKindEnum": "centre.models.MonthlyFile.Kind",
        "DatasetKindEnum": "experiments.models.Dataset.Kind",
        "HoursBasisEnum": "tactics.models.Tactic.HoursBasis",
    },
}
