"""Keeping the service going, and proving that nothing was changed."""

from centre import env
from centre.settings.place import EMBEDDED

# Read-only for this process whatever the database says: for one that reads a copy of it.
READ_ONLY = env.flag("READ_ONLY", default=False)
READ_ONLY_REASON = env.text("READ_ONLY_REASON", "The registry is being looked after.")
READ_ONLY_LOOK_SECONDS = 3  # how often each process asks the database whether it is
POSTGRES_BIN = env.text("POSTGRES_BIN")  # where pg_dump and pg_restore are, where they are not on the path
UNAVAILABLE_RETRY_SECONDS = 30  # what a 503 says when the database does not answer

# Alarms (`manage.py alarms`, docs/operations.md). Parts are heard from every ten to fifteen seconds.
ALARM_SILENCE_SECONDS = env.integer("ALARM_SILENCE_SECONDS", default=60)
ALARM_WAITING_SECONDS = env.integer("ALARM_WAITING_SECONDS", default=120)
ALARM_BACKUP_HOURS = env.integer("ALARM_BACKUP_HOURS", default=0 if EMBEDDED else 26)  # 0: nobody backs up
ALARM_HEAD_HOURS = env.integer("ALARM_HEAD_HOURS", default=26)
METRICS_TOKEN = env.text("METRICS_TOKEN")  # without it there are no metrics, and /metrics is 404

# What `manage.py verify` proves, in this order; by dotted name: the Centre imports no other app.
VERIFICATION_PARTS = {
    "audit": "centre.verification.log.audit_log",
    "rows": "centre.verification.rows.frozen_rows",
    "vault": "centre.verification.files.kept_files",
    "runs": "centre.verification.runs.finished_runs",
    "registrations": "experiments.analysis.proofs.registrations",
    "allocations": "experiments.analysis.proofs.allocations",
    "releases": "experiments.analysis.proofs.releases",
    "analyses": "experiments.analysis.proofs.analyses",
}
