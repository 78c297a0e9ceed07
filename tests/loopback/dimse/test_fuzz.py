"""Broken byte streams, drawn at random but the same in each run: neither end hangs or dies."""

from __future__ import annotations

import random
import socket
from dataclasses import replace

import pytest
from pydicom import Dataset

from dicomtest.dimse import Answer, Handlers, pdus
from dicomtest.dimse import command as commands

from .conftest import CT, SHORT, STUDY_FIND, VERIFICATION, Net, echo_rq, p_data, rq

HASTY = replace(SHORT, association=0.5, idle=0.5, release=0.2, response=0.3)


def store_rq() -> bytes:
    command = {
        "AffectedSOPClassUID": CT,
        "CommandField": commands.C_STORE,
        "MessageID": 2,
        "AffectedSOPInstanceUID": "1.2.3",
        "CommandDataSetType": 1,
    }
    return p_data(3, command=commands.encode(command)) + p_data(3, data=b"\x08\0\x05\0" * 100)


def broken(stream: bytes, rng: random.Random) -> bytes:
    """Flip, drop, double, insert or cut."""
    data = bytearray(stream)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 0x7F, 0xFF))
        elif kind == 2:
            del data[at : at + rng.randint(1, 20)]
        elif kind == 3:
            data[at:at] = rng.randbytes(rng.randint(1, 20))
        else:
            data[at:at] = data[at : at + rng.randint(1, 50)]
        if not data:
            return b"\0"
    return bytes(data)


@pytest.mark.parametrize("seed", range(3))
def test_the_listener_outlives_broken_users(net: Net, tmp_path, seed: int):
    rng = random.Random(seed)
    listener = net.listen(limits=HASTY, handlers=Handlers(store=lambda _: Answer(0)))
    parts = [rq(VERIFICATION, CT), echo_rq(), store_rq(), pdus.release_rq()]
    for _ in range(25):
        which = rng.randrange(len(parts))
        with socket.create_connection(("127.0.0.1", listener.port), 5) as sock:
            sock.settimeout(0.02)
            for number, part in enumerate(parts):
                try:
                    sock.sendall(broken(part, rng) if number == which else part)
                    sock.recv(4096)
                except TimeoutError:
                    continue
                except OSError:
                    break
    with net.associate(listener) as requestor:
        assert requestor.echo().status == 0
    listener.stop()

    notes = [each.notes for a in net.recorder.take() for each in (a, *a.exchanges)]
    assert not [each for each in notes if "defect" in each]
    assert not list((tmp_path / "spool-0").glob("*.part"))


@pytest.mark.parametrize("seed", range(3))
def test_the_requestor_outlives_broken_providers(net: Net, scripted, seed: int):
    rng = random.Random(seed)
    endings = set()

    def script(peer) -> None:
        which = rng.randrange(3)
        _, body = peer.pdu()
        items = pdus.read_associate(body, request=True)
        for context in items.contexts:
            context.result, context.accepted = 0, context.proposed[0]
        ac = pdus.associate_ac(items, items.contexts, max_pdu=16384, roles={})
        try:
            peer.send(broken(ac, rng) if which == 0 else ac)
            context_id, command, _ = peer.message()
            given = {
                "AffectedSOPClassUID": STUDY_FIND,
                "CommandField": 0x8020,
                "MessageIDBeingRespondedTo": command["MessageID"],
                "CommandDataSetType": 1,
                "Status": 0xFF00,
            }
            pending = p_data(context_id, command=commands.encode(given)) + p_data(
                context_id, data=b"\x10\0\x20\0LO\2\0P1"
            )
            given |= {"Status": 0, "CommandDataSetType": 0x0101}
            final = p_data(context_id, command=commands.encode(given))
            peer.send(broken(pending, rng) if which == 1 else pending)
            peer.send(broken(final, rng) if which == 2 else final)
            peer.sock.settimeout(1)
            while peer.sock.recv(4096):
                pass
        except (OSError, EOFError, AssertionError):
            return

    peer = scripted(*[script] * 8)
    for _ in range(8):
        requestor = net.associate(peer, STUDY_FIND, limits=HASTY)
        found = requestor.find(STUDY_FIND, Dataset())
        endings.add(found.ending)
        assert found.ending != "answered" or found.final is not None
        assert found.ending == "answered" or found.why
        requestor.abort()

    assert len(endings) > 1
