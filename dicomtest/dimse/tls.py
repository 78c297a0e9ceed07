"""TLS settings and what a failed handshake means (PS3.15 Annex B)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from dicomtest.errors import SetupError


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Files are PEM. Without `ca` the system's own trust store is used.

    `hostname` is compared with the certificate of a server; None compares no name, because
    sites address systems by number. `verify` False accepts every certificate.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    hostname: str | None = None
    verify: bool = True


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """Make a context for a requestor; raises SetupError for files that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = settings.verify and settings.hostname is not None
    context.verify_mode = ssl.CERT_REQUIRED if settings.verify else ssl.CERT_NONE
    _load(context, settings)
    return context


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """Make a context for an acceptor, which asks for a certificate where `ca` is given."""
    if settings.certificate is None:
        raise SetupError("A listener with TLS needs a certificate and its key (PEM files).")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if settings.verify and settings.ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    _load(context, settings)
    return context


def _load(context: ssl.SSLContext, settings: TlsSettings) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if settings.ca is not None:
            context.load_verify_locations(settings.ca)
        elif context.verify_mode is ssl.CERT_REQUIRED:
            context.load_default_certs()
        if settings.certificate is not None:
            context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(
            name for name in (settings.ca, settings.certificate, settings.key) if name
        )
        raise SetupError(
            f"The TLS files ({names}) cannot be used: {error}. "
            "Give PEM files: the CA certificate, the own certificate and its unencrypted key."
        ) from error


def handshake_in_words(error: Exception) -> str:
    """Say why a TLS handshake failed, and what is most likely to be mended."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the peer's certificate was refused: {error.verify_message}. Give the CA that "
            "signed it, or have the certificate renewed or issued for this host name"
        )
    if isinstance(error, TimeoutError):
        return (
            "no answer to the TLS handshake: the port probably speaks DICOM in clear text; "
            "leave out `tls`, or use the TLS port (often 2762)"
        )
    reason = (getattr(error, "reason", None) or "").upper()
    text = f"{reason} {error}".upper()
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        return (
            "the port answered in clear text, not in TLS; leave out `tls`, or use the TLS "
            "port (often 2762)"
        )
    if "CERTIFICATE_REQUIRED" in text or "PEER_DID_NOT_RETURN_A_CERTIFICATE" in text:
        return "the peer asks for a client certificate; give `certificate` and `key`"
    if "ALERT_UNKNOWN_CA" in text or "ALERT_BAD_CERTIFICATE" in text:
        return "the peer does not trust our certificate; import it, or its CA, at the peer"
    if "PROTOCOL_VERSION" in text or "NO_PROTOCOLS" in text or "UNSUPPORTED_PROTOCOL" in text:
        return "no TLS version in common; TLS 1.2 or later is needed (PS3.15 B.12)"
    if "NO_SHARED_CIPHER" in text or "HANDSHAKE_FAILURE" in text:
        return (
            "the peer refused the handshake: no cipher suite in common, or it asks for a "
            "client certificate"
        )
    if isinstance(error, (ssl.SSLEOFError, ConnectionError)) or "EOF" in text:
        return (
            "the peer closed the connection during the TLS handshake: the port may speak "
            "clear text, or the peer asks for a client certificate"
        )
    return f"TLS failed: {error}"
