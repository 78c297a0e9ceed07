"""Each finding of test_acceptance.py, shown by a client that is not ours: it is no false alarm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import AcquisitionContextSRStorage, CTImageStorage
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelGet
from support.population import DOE, SMITH, YAMADA, Study, at, keys_of

SUCCESS, PENDING, WARNING, UNABLE = 0x0000, 0xFF00, 0xB000, 0xC000
ONLY_CT = """\
[[TransferSyntaxes]]
[Uncompressed]
TransferSyntax1 = LittleEndianExplicit
TransferSyntax2 = LittleEndianImplicit
[[PresentationContexts]]
[CT]
PresentationContext1 = CTImageStorage\\Uncompressed
[[Profiles]]
[OnlyCT]
PresentationContexts = CT
"""


@pytest.fixture
def holding(dcmtk, tmp_path: Path):
    """Fill a PACS with these studies by storescu; give what names the PACS to DCMTK's clients."""

    def fill(pacs, *studies: Study) -> list[str]:
        call = ["-aec", pacs.ae_title, *pacs.address]
        for study in studies:
            study.sent.clear()
            study.write(tmp_path)
            stored = dcmtk("storescu", *call, *study.sent)
            assert set(stored.statuses) == {SUCCESS}
        return call

    return fill


def odd_one(study: Study, folder: Path, sop_class: str) -> Path:
    """Another object of that study, of a SOP class that not every receiver takes."""
    odd = dcmread(study.sent[0])
    odd.SOPClassUID = odd.file_meta.MediaStorageSOPClassUID = sop_class
    odd.SOPInstanceUID = odd.file_meta.MediaStorageSOPInstanceUID = f"{study.uid}.99"
    odd.SeriesInstanceUID = f"{study.uid}.98"
    odd.save_as(folder / "odd.dcm")
    return folder / "odd.dcm"


# -- Orthanc 1.10.1


@pytest.mark.parametrize(("refuse", "status"), [(2, WARNING), (1, 0xA702)], ids=["some", "all"])
def test_orthanc_does_not_list_what_a_get_failed_to_send(orthanc, dcmjs, holding, refuse, status):
    """PS3.4 C.4.3.1.3.2: Warning and Failure list the failed SOP Instances."""
    pacs = orthanc()
    holding(pacs, SMITH)
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": SMITH.uid}

    got = dcmjs("get", (pacs.host, pacs.port), pacs.ae_title, keys=keys, refuse=refuse)

    final = got.responses[-1]
    assert final["status"] == status
    assert final["failed"] == 3 // refuse
    assert final["data"] is None


def test_orthanc_sends_nothing_when_a_get_offers_no_context_for_one_object(
    orthanc, dcmtk, holding, tmp_path
):
    """PS3.4 C.4.3.3.1: the others are sent, and the final status is Warning."""
    pacs = orthanc()
    call = holding(pacs, SMITH)
    # getscu proposes no presentation context for this class
    odd = odd_one(SMITH, tmp_path, AcquisitionContextSRStorage)
    assert dcmtk("storescu", "-R", *call, odd).statuses == [SUCCESS]

    got = dcmtk("getscu", "-S", *keys_of(at("STUDY"), SMITH.uid), *call)

    assert "AcquisitionContextSR" not in got.log
    assert (got.final.status, got.final.count("Failed")) == (UNABLE, 1)
    assert len(got.instances) < 3


def test_orthanc_sends_to_who_has_not_the_role_of_scp(orthanc, holding):
    """PS3.7 D.3.3.4: without role selection the requestor is the SCU of storage only."""
    pacs = orthanc()
    holding(pacs, DOE)
    seen = []
    entity = AE()
    entity.add_requested_context(CTImageStorage)
    entity.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    handler = (evt.EVT_DIMSE_RECV, lambda event: seen.append(type(event.message).__name__))
    host, port = pacs.address
    association = entity.associate(host, int(port), ae_title=pacs.ae_title, evt_handlers=[handler])
    wanted = Dataset()
    wanted.QueryRetrieveLevel, wanted.StudyInstanceUID = "STUDY", DOE.uid
    list(association.send_c_get(wanted, StudyRootQueryRetrieveInformationModelGet))
    association.release()

    assert seen.count("C_STORE_RQ") == len(DOE.instances)


def test_orthanc_gives_up_a_move_at_the_first_failure(orthanc, storescp, dcmtk, holding, tmp_path):
    """PS3.4 C.4.2.3.1: some sent and some not is Warning, with the true numbers."""
    profile = tmp_path / "profile.cfg"
    profile.write_text(ONLY_CT, encoding="ascii")
    destination = storescp(ae_title="DEST", options=["-xf", str(profile), "OnlyCT"])
    pacs = orthanc(modalities={"DEST": (destination.host, destination.port)})
    call = holding(pacs, SMITH)
    odd = odd_one(SMITH, tmp_path, AcquisitionContextSRStorage)
    assert dcmtk("storescu", "-R", *call, odd).statuses == [SUCCESS]

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *call)

    assert moved.final.status == UNABLE
    assert moved.final.count("Completed") == moved.final.count("Failed") == 0


def test_orthanc_does_not_say_that_a_destination_is_unknown(orthanc, dcmtk, holding):
    """PS3.4 Table C.4-2: A801, Move Destination unknown."""
    call = holding(orthanc(), DOE)

    moved = dcmtk("movescu", "-S", "-aem", "NOWHERE", *keys_of(at("STUDY"), DOE.uid), *call)

    assert moved.statuses == [UNABLE]


def test_orthanc_counts_warnings_of_a_destination_as_completed(orthanc, dcmtk, holding):
    """PS3.4 C.4.2.1.9, C.4.2.3.1: sub-operations with a warning are told."""
    entity = AE("DEST")
    entity.supported_contexts = StoragePresentationContexts
    handlers = [(evt.EVT_C_STORE, lambda _event: WARNING)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        pacs = orthanc(modalities={"DEST": server.socket.getsockname()})
        call = holding(pacs, DOE)
        moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), DOE.uid), *call)
    finally:
        server.shutdown()

    assert moved.final.status == SUCCESS
    assert (moved.final.count("Completed"), moved.final.count("Warning")) == (len(DOE.instances), 0)


def test_orthanc_garbles_names_that_begin_in_half_width_katakana(orthanc, dcmtk, holding):
    """PS3.5 6.1.2.5: ISO 2022 IR 87 after ISO 2022 IR 13; the same name after ASCII is right."""
    kana = Study(*(8, (1,), "P8", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", r"ISO 2022 IR 13\ISO 2022 IR 87"))
    call = holding(orthanc(), YAMADA, kana)

    def name_of(study: Study) -> str:
        asked = ["-k", at("STUDY"), "-k", f"StudyInstanceUID={study.uid}", "-k", "PatientName"]
        (answer,) = dcmtk("findscu", "-S", *asked, *call).identifiers
        assert answer.SpecificCharacterSet == "ISO_IR 192"
        return str(answer.PatientName)

    assert name_of(YAMADA) == YAMADA.name
    assert name_of(kana) != kana.name
    assert "山田" not in name_of(kana)


# -- dcmqrscp 3.6.7


def test_dcmqrscp_hides_that_it_does_not_support_a_key(dcmqrscp, dcmtk, holding):
    """PS3.4 Table C.4-1: FF01 when an Optional Key is not supported."""
    call = holding(dcmqrscp(), DOE)
    asked = ["-k", at("STUDY"), "-k", f"StudyInstanceUID={DOE.uid}"]

    found = dcmtk("findscu", "-S", *asked, "-k", "NumberOfStudyRelatedInstances", *call)

    assert found.statuses == [PENDING, SUCCESS]
    assert "NumberOfStudyRelatedInstances" not in found.identifiers[0]


# -- both


@pytest.mark.parametrize("product", ["orthanc", "dcmqrscp"])
def test_a_study_without_a_value_is_not_found_by_one(product, request, dcmtk, holding):
    """PS3.4 C.2.2.1.2: an unknown value of a Required Key matches whatever is asked for."""
    call = holding(request.getfixturevalue(product)(), replace(DOE, accession="", sent=[]))
    asked = ["-k", at("STUDY"), "-k", f"StudyInstanceUID={DOE.uid}"]

    assert dcmtk("findscu", "-S", *asked, "-k", "AccessionNumber=A7", *call).statuses == [SUCCESS]
    assert len(dcmtk("findscu", "-S", *asked, "-k", "AccessionNumber", *call).statuses) == 2


def test_orthanc_answers_below_a_study_that_is_not_named(orthanc, dcmtk, holding):
    """PS3.4 C.4.1.2.1: the Unique Keys above the level are single values."""
    call = holding(orthanc(), DOE)

    found = dcmtk("findscu", "-S", "-k", at("SERIES"), "-k", "SeriesInstanceUID", *call)

    assert found.statuses == [PENDING, PENDING, SUCCESS]


def test_dcmqrscp_answers_below_two_studies(dcmqrscp, dcmtk, holding):
    """PS3.4 C.4.1.2.1: the Unique Keys above the level are single values."""
    call = holding(dcmqrscp(), DOE, SMITH)
    two = f"StudyInstanceUID={DOE.uid}\\{SMITH.uid}"

    found = dcmtk("findscu", "-S", "-k", at("SERIES"), "-k", two, "-k", "SeriesInstanceUID", *call)

    assert found.final.status == SUCCESS
