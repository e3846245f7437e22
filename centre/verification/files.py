"""The vault: every file that a frozen row refers to is there, and has the content that its name promises."""

from centre import imprints, vault
from centre.errors import Refusal
from centre.verification.report import Report


def kept_files(report: Report) -> None:
    """Hash every file again."""
    for model in imprints.imprinted_models():
        if not model.vault_fields:
            continue
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            for sha256 in row.kept_files():
                report.checked += 1
                try:
                    vault.check(sha256)
                except (Refusal, OSError) as problem:
                    report.find(f"file {sha256}", f"of {model._meta.label_lower} {row.pk}: {problem}")
