"""All DIMSE services as a user invokes them; here the normalized ones (PS3.7 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicomtest.dimse import command as commands
from dicomtest.dimse.composite import CompositeInvoker
from dicomtest.evidence import Exchange

if TYPE_CHECKING:
    from pydicom import Dataset


class Invoker(CompositeInvoker):
    """Invokes services; whatever the peer does is in the exchange that comes back.

    `meta_sop_class` names the abstract syntax of the presentation context where it differs
    from the SOP class (print management).
    """

    def n_create(
        self,
        sop_class: str,
        sop_instance: str | None,
        dataset: Dataset | None,
        *,
        meta_sop_class: str | None = None,
        transfer_syntax: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-CREATE (PS3.7 10.1.5); without `sop_instance` the peer is to assign one."""
        elements = {
            "AffectedSOPClassUID": sop_class,
            "AffectedSOPInstanceUID": sop_instance or None,
        }
        return self._invoke_n(
            commands.N_CREATE, sop_class, elements, dataset, meta_sop_class, transfer_syntax, label
        )

    def n_set(
        self,
        sop_class: str,
        sop_instance: str,
        dataset: Dataset | None,
        *,
        meta_sop_class: str | None = None,
        transfer_syntax: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-SET (PS3.7 10.1.3)."""
        elements = _requested(sop_class, sop_instance)
        return self._invoke_n(
            commands.N_SET, sop_class, elements, dataset, meta_sop_class, transfer_syntax, label
        )

    def n_get(
        self,
        sop_class: str,
        sop_instance: str,
        attributes: list[int] | None = None,
        *,
        meta_sop_class: str | None = None,
        transfer_syntax: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-GET (PS3.7 10.1.2) of these tags; None asks for all."""
        elements = _requested(sop_class, sop_instance)
        elements["AttributeIdentifierList"] = attributes or None
        return self._invoke_n(
            commands.N_GET, sop_class, elements, None, meta_sop_class, transfer_syntax, label
        )

    def n_action(
        self,
        sop_class: str,
        sop_instance: str,
        dataset: Dataset | None,
        *,
        action_type: int,
        meta_sop_class: str | None = None,
        transfer_syntax: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-ACTION (PS3.7 10.1.4)."""
        elements = _requested(sop_class, sop_instance)
        elements["ActionTypeID"] = action_type
        return self._invoke_n(
            commands.N_ACTION, sop_class, elements, dataset, meta_sop_class, transfer_syntax, label
        )

    def n_event_report(
        self,
        sop_class: str,
        sop_instance: str,
        dataset: Dataset | None,
        *,
        event_type: int,
        meta_sop_class: str | None = None,
        transfer_syntax: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-EVENT-REPORT (PS3.7 10.1.1)."""
        elements: dict[str, Any] = {
            "AffectedSOPClassUID": sop_class,
            "AffectedSOPInstanceUID": sop_instance,
            "EventTypeID": event_type,
        }
        return self._invoke_n(
            commands.N_EVENT_REPORT,
            sop_class,
            elements,
            dataset,
            meta_sop_class,
            transfer_syntax,
            label,
        )

    def n_delete(
        self,
        sop_class: str,
        sop_instance: str,
        *,
        meta_sop_class: str | None = None,
        label: str = "",
    ) -> Exchange:
        """N-DELETE (PS3.7 10.1.6)."""
        elements = _requested(sop_class, sop_instance)
        return self._invoke_n(
            commands.N_DELETE, sop_class, elements, None, meta_sop_class, None, label
        )

    def _invoke_n(
        self,
        code: int,
        sop_class: str,
        elements: dict[str, Any],
        dataset: Dataset | None,
        meta_sop_class: str | None,
        transfer_syntax: str | None,
        label: str,
    ) -> Exchange:
        return self._invoke(
            code,
            sop_class,
            elements,
            dataset,
            abstract_syntax=meta_sop_class or sop_class,
            transfer_syntax=transfer_syntax,
            label=label,
        )


def _requested(sop_class: str, sop_instance: str) -> dict[str, Any]:
    return {"RequestedSOPClassUID": sop_class, "RequestedSOPInstanceUID": sop_instance}
