"""Keeping the service going, and proving that nothing was changed."""

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
