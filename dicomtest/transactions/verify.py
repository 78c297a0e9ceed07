"""verify: C-ECHO, and how the system negotiates, refuses and recovers.

Facts for the checks: none; each probe is one association (or several) with its name as label.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dicomtest.spec.steps import StepParameters
from dicomtest.transactions import transaction

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.actors import Simulator
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage

VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
UNKNOWN_CLASS = "1.2.826.0.1.3680043.9.7433.99.1"
UNKNOWN_SYNTAX = "1.2.826.0.1.3680043.9.7433.99.2"

Probe = Literal[
    "unknown-abstract-syntax",
    "unknown-transfer-syntax",
    "many-contexts",
    "wrong-called-ae",
    "wrong-calling-ae",
    "small-pdu",
    "unlimited-pdu",
    "abort",
    "drop",
    "role",
]


class VerifyParameters(StepParameters):
    """C-ECHO from one actor to another (PS3.4 Annex A)."""

    repeat: int = Field(1, ge=1, le=10000, description="C-ECHO requests on the association")
    parallel: int | None = Field(
        None, ge=2, le=50, description="associations to hold open at the same time"
    )
    probes: tuple[Probe, ...] = Field((), description="what else to try, one association each")


def describe(parameters: VerifyParameters) -> str:
    """The step in words."""
    words = f"verify {parameters.from_} to {parameters.to}"
    return f"{words}, and {', '.join(parameters.probes)}" if parameters.probes else words


@transaction("verify", parameters=VerifyParameters, describe=describe)
def carry_out(stage: Stage, parameters: VerifyParameters, step: StepEvidence) -> None:
    """Echo, then each probe, then echo again to see that the system still lives."""
    scu = stage.run.casting.started(parameters.from_)
    remote = stage.run.casting.remote(parameters.to, step.kind)
    with scu.associate(remote, [echo_proposal()], label="echo") as association:
        for _ in range(parameters.repeat):
            if association.established:
                association.echo()
    if association.association.outcome != "accepted":
        why = association.association.why
        step.problem = (
            f"no association with {remote.ae_title} at {remote.host}:{remote.port}: {why}"
        )
        return
    if _silent(association):
        step.problem = "the system does not answer C-ECHO"
        return
    for probe in parameters.probes:
        _PROBES[probe](scu, remote)
        with scu.associate(remote, [echo_proposal()], label=f"after {probe}") as association:
            association.echo()
        if _silent(association):
            step.problem = f"the system does not answer since {probe} was tried"
            return
    if parameters.parallel:
        _parallel(scu, remote, parameters.parallel)


def _silent(association: dimse.Requestor) -> bool:
    """Whether nothing came back: every further probe would wait for its time limit."""
    found = association.association
    unanswered = any(each.ending == "no response" for each in found.of("C-ECHO"))
    return unanswered or found.outcome in ("no connection", "no answer")


def echo_proposal() -> dimse.Proposal:
    """Verification, Implicit and Explicit VR Little Endian."""
    from dicomtest import dimse

    return dimse.Proposal(VERIFICATION, (IMPLICIT, EXPLICIT))


def _parallel(scu: Simulator, remote: dimse.Remote, count: int) -> None:
    """Hold that many associations open at once and echo on each."""
    with ThreadPoolExecutor(count) as pool:
        opened = list(
            pool.map(
                lambda _: scu.associate(remote, [echo_proposal()], label="parallel", patience=0),
                range(count),
            )
        )
        list(pool.map(lambda each: each.echo(), [each for each in opened if each.established]))
        list(pool.map(lambda each: each.release(), [each for each in opened if each.established]))


def _unknown_abstract_syntax(scu: Simulator, remote: dimse.Remote) -> None:
    from dicomtest import dimse

    proposals = [echo_proposal(), dimse.Proposal(UNKNOWN_CLASS, (IMPLICIT,))]
    with scu.associate(remote, proposals, label="unknown-abstract-syntax") as association:
        association.echo()


def _unknown_transfer_syntax(scu: Simulator, remote: dimse.Remote) -> None:
    from dicomtest import dimse

    proposals = [echo_proposal(), dimse.Proposal(VERIFICATION, (UNKNOWN_SYNTAX,))]
    with scu.associate(remote, proposals, label="unknown-transfer-syntax") as association:
        association.echo()


def _many_contexts(scu: Simulator, remote: dimse.Remote) -> None:
    from dicomtest import dimse

    fillers = [dimse.Proposal(f"{UNKNOWN_CLASS}.{number}", (IMPLICIT,)) for number in range(127)]
    with scu.associate(remote, [echo_proposal(), *fillers], label="many-contexts") as association:
        association.echo()


def _wrong_called(scu: Simulator, remote: dimse.Remote) -> None:
    scu.associate(
        remote, [echo_proposal()], called="DT_NOSUCHAE", label="wrong-called-ae"
    ).release()


def _wrong_calling(scu: Simulator, remote: dimse.Remote) -> None:
    scu.associate(
        remote, [echo_proposal()], calling="DT_STRANGER", label="wrong-calling-ae"
    ).release()


def _small_pdu(scu: Simulator, remote: dimse.Remote) -> None:
    with scu.associate(remote, [echo_proposal()], max_pdu=4096, label="small-pdu") as association:
        association.echo()


def _unlimited_pdu(scu: Simulator, remote: dimse.Remote) -> None:
    with scu.associate(remote, [echo_proposal()], max_pdu=0, label="unlimited-pdu") as association:
        association.echo()


def _abort(scu: Simulator, remote: dimse.Remote) -> None:
    association = scu.associate(remote, [echo_proposal()], label="abort")
    if association.established:
        association.echo()
        association.abort()


def _drop(scu: Simulator, remote: dimse.Remote) -> None:
    association = scu.associate(remote, [echo_proposal()], label="drop")
    if association.established:
        association.drop()


def _role(scu: Simulator, remote: dimse.Remote) -> None:
    from dicomtest import dimse

    proposals = [dimse.Proposal(VERIFICATION, (IMPLICIT,), roles=(True, False))]
    with scu.associate(remote, proposals, label="role") as association:
        association.echo()


_PROBES = {
    "unknown-abstract-syntax": _unknown_abstract_syntax,
    "unknown-transfer-syntax": _unknown_transfer_syntax,
    "many-contexts": _many_contexts,
    "wrong-called-ae": _wrong_called,
    "wrong-calling-ae": _wrong_calling,
    "small-pdu": _small_pdu,
    "unlimited-pdu": _unlimited_pdu,
    "abort": _abort,
    "drop": _drop,
    "role": _role,
}
