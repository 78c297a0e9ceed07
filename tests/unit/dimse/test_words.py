"""Reasons and statuses in words: every row of the tables, and what is in none."""

from __future__ import annotations

import ssl

import pytest

from dicomtest.dimse import (
    abort_in_words,
    context_result_in_words,
    reject_in_words,
    status_class,
    status_in_words,
)
from dicomtest.dimse.tls import handshake_in_words


@pytest.mark.parametrize(
    ("triple", "what", "fix"),
    [
        ((1, 1, 1), "rejected permanently by the application", "log of the peer"),
        ((1, 1, 2), "application context name not supported", "DICOM port"),
        ((1, 1, 3), "calling AE title not recognized", "list of known systems"),
        ((1, 1, 7), "called AE title not recognized", "`ae_title`"),
        ((1, 2, 1), "by the association service", "user identity"),
        ((1, 2, 2), "protocol version not supported", "version 1"),
        ((2, 3, 1), "rejected for the moment by the presentation service", "try again"),
        ((2, 3, 2), "local limit exceeded", "raise its limit"),
        ((1, 1, 5), "reason 5, which is reserved", "does not define"),
        ((1, 3, 0), "reason 0, which is reserved", "does not define"),
        ((1, 1, 99), "reason 99, which is not defined", "does not define"),
        ((7, 9, 1), "result 7, which is not defined", "does not define"),
    ],
)
def test_a_reject_in_words(triple: tuple[int, int, int], what: str, fix: str):
    said, mend = reject_in_words(*triple)

    assert what in said
    assert fix in mend


@pytest.mark.parametrize(
    ("pair", "what"),
    [
        ((0, 0), "by the application"),
        ((0, 6), "by the application (service-user)"),
        ((2, 0), "reason not specified"),
        ((2, 1), "unrecognized PDU"),
        ((2, 2), "unexpected PDU"),
        ((2, 4), "unrecognized PDU parameter"),
        ((2, 5), "unexpected PDU parameter"),
        ((2, 6), "invalid PDU parameter value"),
        ((2, 3), "reason 3, which is not defined"),
        ((1, 0), "source 1, which is not defined"),
    ],
)
def test_an_abort_in_words(pair: tuple[int, int], what: str):
    assert what in abort_in_words(*pair)


def test_context_results_in_words():
    said = [context_result_in_words(each) for each in (None, 0, 1, 2, 3, 4, 9)]

    assert said[0] == "not answered"
    assert said[3] != said[2]
    assert said[6] == "result 9, which is not defined"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x0000, "success"),
        (0x0001, "warning"),
        (0x0107, "warning"),
        (0x0116, "warning"),
        (0xB000, "warning"),
        (0xBFFF, "warning"),
        (0x0105, "failure"),
        (0x0213, "failure"),
        (0xA700, "failure"),
        (0xC000, "failure"),
        (0xFE00, "cancel"),
        (0xFF00, "pending"),
        (0xFF01, "pending"),
        (0x0002, None),
        (0x0300, None),
        (0xD000, None),
        (0xFE01, None),
        (0xFF02, None),
        (0x10000, None),
        (-1, None),
        (None, None),
    ],
)
def test_status_classes(code: int | None, kind: str | None):
    assert status_class(code) == kind


@pytest.mark.parametrize(
    ("service", "code", "words"),
    [
        ("C-ECHO", 0x0000, "0000 (success)"),
        ("C-STORE", 0xA701, "A701 (failure: refused: out of resources)"),
        ("C-STORE", 0xB007, "B007 (warning: stored, the data set does not match the SOP class)"),
        ("C-FIND", 0xFF01, "FF01 (pending: a match, though optional keys are not supported)"),
        ("C-MOVE", 0xA801, "A801 (failure: refused: move destination unknown)"),
        ("C-GET", 0xA801, "A801 (failure)"),
        ("N-SET", 0x0112, "0112 (failure: no such SOP instance)"),
        ("C-FIND", 0xFE00, "FE00 (cancel: cancelled)"),
        ("C-STORE", 0x1234, "1234 (not a status of PS3.7 Annex C)"),
        ("C-STORE", None, "no status"),
    ],
)
def test_statuses_in_words(service: str, code: int | None, words: str):
    assert status_in_words(service, code) == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "probably speaks DICOM in clear text"),
        (ConnectionResetError(), "closed the connection during the TLS handshake"),
        (ssl.SSLEOFError(8, "EOF occurred"), "closed the connection during the TLS handshake"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), "in clear text, not in TLS"),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] alert"), "no TLS version in common"),
        (ssl.SSLError(1, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] x"), "no cipher suite in common"),
        (ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] x"), "client certificate"),
        (ssl.SSLError(1, "something new"), "TLS failed: "),
    ],
)
def test_handshake_failures_in_words(error: Exception, words: str):
    assert words in handshake_in_words(error)
