"""A passport as a PDF: signed as PDF readers know it (CMS, detached, Ed25519), and checked to the byte."""

import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from asn1crypto import cms, keys, x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tactics.passport.seal import Key, Verified

T = TypeVar("T")
FIELD = "Passport"
NO_PDF = "The file is no passport: it cannot be read as a PDF with the Centre's one signature"
CHANGED = "The file is not as it was signed: something in it was changed or added"


def signed_pdf(raw: bytes, key: Ed25519PrivateKey, certificate: bytes, *, by: str, reason: str) -> bytes:
    """Return the PDF with the signature over all of it."""
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(certificate),
        signing_key=keys.PrivateKeyInfo.load(secret),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    details = signers.PdfSignatureMetadata(field_name=FIELD, name=by, reason=reason, md_algorithm="sha512")
    opened = IncrementalPdfFileWriter(io.BytesIO(raw))
    written = _apart(lambda: signers.sign_pdf(opened, details, signer=signer))
    return bytes(written.getvalue())


def _apart(work: Callable[[], T]) -> T:
    """Return what work in a thread of its own gives: pyHanko starts an event loop, and a thread may have one only."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work).result()


def open_pdf(raw: bytes, published: Mapping[str, Key]) -> Verified:
    """Check a PDF against the keys that were published, by their ids.

    Notes
    -----
    The signature covers every byte but those of its own field. There the file must hold just what follows from the
    signed attributes, the signature and the published certificate, so that no byte of the file is free.
    """
    try:
        return _checked(raw, published)
    except Exception:  # whatever a damaged file makes of the reader, it is not what was signed
        return Verified(False, NO_PDF)


def _checked(raw: bytes, published: Mapping[str, Key]) -> Verified:
    found = PdfFileReader(io.BytesIO(raw), strict=True).embedded_signatures
    if len(found) != 1:
        return Verified(False, NO_PDF)
    embedded = found[0]
    signer = embedded.signer_cert.dump()
    key = next((one for one in published.values() if one.certificate == signer), None)
    if key is None:
        return Verified(False, "It is signed with a key that the Centre has not published")
    if not _is_exact(raw, embedded, signer):
        return Verified(False, CHANGED, key.id)
    trusted = ValidationContext(trust_roots=[x509.Certificate.load(key.certificate)], allow_fetching=False)
    status = _apart(lambda: validate_pdf_signature(embedded, trusted))
    if not (status.bottom_line and status.coverage == SignatureCoverageLevel.ENTIRE_FILE):
        return Verified(False, CHANGED, key.id)
    return Verified(True, "The Centre signed exactly this file", key.id)


def _is_exact(raw: bytes, embedded: EmbeddedPdfSignature, certificate: bytes) -> bool:
    """Return whether the signature's own field, the one place that it does not cover, holds nothing of its own."""
    ranges = [int(number) for number in embedded.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or ranges[2] + ranges[3] != len(raw):
        return False
    gap = raw[ranges[1] : ranges[2]]
    written = _rebuilt(embedded, certificate).hex().upper().encode()
    return gap == b"<" + written.ljust(len(gap) - 2, b"0") + b">"


def _rebuilt(embedded: EmbeddedPdfSignature, certificate: bytes) -> bytes:
    """Return the signature's content made anew from what is signed, the signature itself and the certificate."""
    signer = embedded.signer_info
    holder = x509.Certificate.load(certificate)
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": holder.issuer, "serial_number": holder.serial_number}
                    )
                }
            ),
            "digest_algorithm": cms.DigestAlgorithm({"algorithm": "sha512"}),
            "signed_attrs": signer["signed_attrs"],
            "signature_algorithm": cms.SignedDigestAlgorithm({"algorithm": "ed25519"}),
            "signature": signer["signature"].native,
        }
    )
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [cms.DigestAlgorithm({"algorithm": "sha512"})],
            "encap_content_info": {"content_type": "data"},
            "certificates": [holder],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump())
