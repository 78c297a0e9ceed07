"""The text of a new site file, with comments for the person who goes on with it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

SCHEMA_FILE = "dicomtest-site.schema.json"

_HEAD = """\
# yaml-language-server: $schema=./{schema}
# Which real systems are tested, and under which names they know the simulated ones.
#   dicomtest doctor --site {file}     tries it out before a test
#   dicomtest run --site {file}        tests
# dicomtest explains what is wrong with this file by line and column.

site: {name}
language: {language}                 # of the report: en or zh
environment: test            # test, or production when the systems are in clinical use

# The real systems under test. Every actor that is not here is simulated.
"""

_SYSTEM_HINTS = """\
    # product: ...             # product, version, serial and maker go into the report
    # version: ...
    # serves: [store, query]   # plays only these steps; the rest stays simulated
    # claims: {sop_classes: [ct, mr, us]}   # from its conformance statement
    # tls: {ca: ca.pem, certificate: own.pem, key: own-key.pem}   # beside this file
    # limits: {response: 2 min}
"""

_TRIGGER_HINT = """\
    trigger: {operator: true}  # a person is asked to make it act; or {command: "..."}, {url: ...}
"""

_ORDERS_HINT = """\
    # serves: [verify, worklist]   # MPPS may go to another system:  mpps: {actor: ris, ...}
    orders: {operator: true}   # a person enters orders; or {hl7: "host:port"}, {folder: ...},
                               # {command: "..."}, {known: orders.yaml}
"""

_SIMULATORS = """\

# How this machine appears to the systems. Register these AE titles, this machine's address and
# these ports there. Device profiles of a modality: modality (any), ct, cr, mr, us.
simulators:
"""

_TAIL = """\

# limits: {connect: 10 s, association: 30 s, response: 60 s, step: 10 min}
# patient_prefix: DT           # names and IDs of test patients begin with it
# seed: 20261122               # the same patients and images again
# testers: [Name of the tester]
# reason: new                  # new, upgrade, periodic, or a text

# A failed check that is known and accepted until a day:
# deviations:
#   - check: query.case-insensitive-name
#     system: pacs
#     why: the vendor corrects it in version 5
#     accepted_by: who decided it
#     until: 2027-03-01
"""


@dataclass(frozen=True)
class NewSystem:
    """A real system as the user told it."""

    actor: str
    ae_title: str
    host: str
    port: int
    product: str = ""


@dataclass(frozen=True)
class NewSimulator:
    """A simulated actor as it will be written."""

    actor: str
    ae_title: str
    port: int


def site_text(
    file: str,
    name: str,
    language: str,
    systems: Sequence[NewSystem],
    simulators: Sequence[NewSimulator],
) -> str:
    """The whole file."""
    head = _HEAD.format(schema=SCHEMA_FILE, file=file, name=scalar(name), language=language)
    text = head + ("systems:\n" if systems else "# systems:\n")
    for system in systems:
        text += f"  {system.actor}:\n"
        text += f"    ae_title: {scalar(system.ae_title)}\n"
        text += f"    host: {scalar(system.host)}\n"
        text += f"    port: {system.port}\n"
        hints = _SYSTEM_HINTS
        if system.product:
            text += f"    product: {scalar(system.product)}\n"
            hints = hints.split("\n", 1)[1]
        if system.actor in ("modality", "workstation", "digitizer"):
            text += _TRIGGER_HINT
        if system.actor == "ris":
            hints = "".join(
                line for line in hints.splitlines(keepends=True) if "serves:" not in line
            )
            text += _ORDERS_HINT
        text += hints
    text += _SIMULATORS if simulators else ""
    for each in simulators:
        text += f"  {each.actor}: {{ae_title: {scalar(each.ae_title)}, port: {each.port}}}\n"
    return text + _TAIL


def scalar(text: str) -> str:
    """A text as a YAML scalar: plain where that is safe, in quotes otherwise."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*", text)
    if plain and text.lower() not in ("true", "false", "null"):
        return text
    if re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9.]+[0-9]", text):  # an IP address
        return text
    return json.dumps(text, ensure_ascii=False)
