"""The simulated PACS: Storage, Query/Retrieve (C-FIND, C-MOVE, C-GET), Storage Commitment SCP."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest import dimse
from dicomtest.actors.archive import Archive
from dicomtest.actors.commitment import CommitmentProvider
from dicomtest.actors.simulator import Setting, Simulator
from dicomtest.dicom.information_model import request_problems
from dicomtest.evidence import DataSetRef


class Pacs(Simulator):
    """An image manager that answers as PS3.4 Annexes B, C and J ask."""

    def __init__(self, setting: Setting) -> None:
        """Begin with an empty archive in the spool folder."""
        super().__init__(setting)
        self.archive = Archive(setting.spool, retrieve_ae_title=self.ae_title)
        self.commitment = CommitmentProvider(self, self._class_of)

    def handlers(self) -> dimse.Handlers:
        """C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET, and N-ACTION of storage commitment."""
        return dimse.Handlers(
            echo=self.on_echo,
            store=self.on_store,
            find=self.on_find,
            move=self.on_move,
            get=self.on_get,
            n_action=self.commitment.n_action,
            established=self.commitment.established,
        )

    def stop(self) -> None:
        """Close the listener, and give up reports under way."""
        super().stop()
        self.commitment.stop()

    def state(self) -> list[DataSetRef]:
        """The files of the archive."""
        return [each.data for each in self.archive.instances]

    def restore(self, state: list[DataSetRef]) -> None:
        """File them anew, as far as they are still there."""
        for each in state:
            self.archive.add(each)

    def _class_of(self, sop_instance: str) -> str | None:
        """SOP class of an instance in the archive."""
        instance = self.archive.get(sop_instance)
        return instance.sop_class if instance else None

    def on_store(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Keep the object whole (level 2, PS3.4 B.4.1) and say so."""
        exchange = incoming.exchange
        assert exchange.data is not None, "a C-STORE request has a data set"
        answer = self.archive.add(
            exchange.data, sop_class=exchange.sop_class, sop_instance=exchange.sop_instance
        )
        self.setting.announce(f"C-STORE {exchange.sop_instance} answered {answer.status:04X}")
        return dimse.Answer(answer.status, elements=answer.elements)

    def on_find(self, incoming: dimse.Incoming) -> Iterator[dimse.Answer]:
        """One Pending answer for each match, then the final status (PS3.4 C.4.1)."""
        count = 0
        for status, answer in self.archive.find(incoming.exchange.sop_class, incoming.dataset()):
            if answer is None:
                yield self._refusal(incoming) or dimse.Answer(status)
                return
            if incoming.is_cancelled():
                yield dimse.Answer(0xFE00)
                return
            count += 1
            yield dimse.Answer(status, dataset=answer)
        self.setting.announce(f"C-FIND answered with {count} matches")
        yield dimse.Answer(0x0000)

    def on_move(self, incoming: dimse.Incoming) -> dimse.Retrieval:
        """Send to the destination of that AE title; A801 when it is unknown (PS3.4 C.4.2)."""
        title = str(incoming.exchange.command.get("MoveDestination", ""))
        destination = self.setting.directory(title)
        if destination is None:
            return dimse.Retrieval(
                status=0xA801, elements={"ErrorComment": "Move Destination is unknown"}
            )
        return self._retrieval(incoming, destination)

    def on_get(self, incoming: dimse.Incoming) -> dimse.Retrieval:
        """Send on the same association (PS3.4 C.4.3)."""
        return self._retrieval(incoming, None)

    def _retrieval(
        self, incoming: dimse.Incoming, destination: dimse.Remote | None
    ) -> dimse.Retrieval:
        model = incoming.exchange.sop_class
        refusal = self._refusal(incoming)
        if refusal is not None:
            return dimse.Retrieval(status=refusal.status, elements=refusal.elements)
        instances = self.archive.select(model, incoming.dataset())
        self.setting.announce(f"{incoming.exchange.service} of {len(instances)} instances")
        return dimse.Retrieval(destination=destination, instances=instances)

    @staticmethod
    def _refusal(incoming: dimse.Incoming) -> dimse.Answer | None:
        """How an identifier that breaks the rules of its model is answered."""
        for problem in request_problems(incoming.exchange.sop_class, incoming.dataset()):
            return dimse.Answer(problem.code, elements={"ErrorComment": problem.words[:64]})
        return None
