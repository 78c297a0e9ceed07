"""Presentation states, key objects, reports, dose and PDF: what is in them."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pydicom import Dataset
from pydicom.filereader import read_dataset
from pydicom.sr._concepts_dict import concepts
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtest.dicom.charsets import text_of
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build
from dicomtest.dicom.objects.documents import pdf_of
from dicomtest.dicom.part10 import encoded
from dicomtest.dicom.patients import SCRIPTS, patient

Build = Callable[..., Dataset]

REPORTS = ("basic-text-sr", "enhanced-sr", "comprehensive-sr", "dose-sr")
TREES = (*REPORTS, "ko")
DOCUMENTS = (*TREES, "gsps", "pdf")


@pytest.fixture
def images(plan: StudyPlan) -> list[Dataset]:
    """Two CT slices and two radiographs of one study."""
    return [
        build(kind, plan, Placement(f"2.25.4{series}", series, f"2.25.5{series}{n}", n),
              rng=random.Random(n), private=False)
        for series, kind in enumerate(("ct", "cr"), 1)
        for n in (1, 2)
    ]  # fmt: skip


def content_items(ds: Dataset) -> Iterator[Dataset]:
    for item in ds.get("ContentSequence", ()):
        yield item
        yield from content_items(item)


def codes(ds: Dataset) -> Iterator[tuple[str, str, str]]:
    """Every code of a data set, wherever it stands."""
    for element in ds:
        if element.VR != "SQ":
            continue
        for item in element.value:
            if "CodeValue" in item:
                yield item.CodingSchemeDesignator, item.CodeValue, item.CodeMeaning
            yield from codes(item)


def uids_in(items: object) -> set[str]:
    return {str(each.ReferencedSOPInstanceUID) for each in items}  # type: ignore[attr-defined]  # items of a sequence


def evidence_of(ds: Dataset) -> set[str]:
    return {
        str(instance.ReferencedSOPInstanceUID)
        for study in ds.get("CurrentRequestedProcedureEvidenceSequence", ())
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_code_is_in_the_dictionary_with_its_meaning(kind: str, make: Build) -> None:
    known = {
        (scheme, value): meaning.lower()
        for scheme, keywords in concepts.items()
        for values in keywords.values()
        for value, (meaning, _) in values.items()
    }
    for scheme, value, meaning in codes(make(kind)):
        if scheme == "SCT":  # the dictionary has SNOMED's own words: "Has intent (attribute)"
            assert known[scheme, value][:4] == meaning.lower()[:4]
        elif scheme not in ("UCUM", "RFC5646"):  # which PS3.16 does not enumerate
            assert known[scheme, value] == meaning.lower()


@pytest.mark.parametrize("kind", TREES)
def test_evidence_names_exactly_what_the_content_refers_to(
    kind: str, make: Build, images: list[Dataset]
) -> None:
    ds = make(kind, refers_to=images)

    referred = {
        str(reference.ReferencedSOPInstanceUID)
        for item in content_items(ds)
        for reference in item.get("ReferencedSOPSequence", ())
    }

    assert evidence_of(ds) == referred
    assert bool(referred) is (kind != "dose-sr")


@pytest.mark.parametrize("kind", REPORTS)
def test_only_a_verified_report_names_who_verified_it(kind: str, make: Build) -> None:
    ds = make(kind)

    assert ds.CompletionFlag == "COMPLETE"
    assert (ds.VerificationFlag == "VERIFIED") is ("VerifyingObserverSequence" in ds)


def test_reports_come_verified_and_unverified(make: Build) -> None:
    assert {make(kind).VerificationFlag for kind in REPORTS} == {"VERIFIED", "UNVERIFIED"}


@pytest.mark.parametrize("kind", TREES)
def test_documents_refer_to_the_request_instead_of_repeating_it(kind: str, make: Build) -> None:
    ds = make(kind)

    assert "RequestAttributesSequence" not in ds
    assert ds.ReferencedRequestSequence[0].RequestedProcedureID == "RP1"
    assert ds.ReferencedRequestSequence[0].AccessionNumber == ds.AccessionNumber


@pytest.mark.parametrize("kind", TREES)
def test_an_unscheduled_study_has_no_request(kind: str, make: Build, plan: StudyPlan) -> None:
    assert "ReferencedRequestSequence" not in make(kind, plan=replace(plan, request={}))


def test_a_relationship_by_reference_finds_its_image(make: Build, images: list[Dataset]) -> None:
    ds = make("comprehensive-sr", refers_to=images)
    (reference,) = [i for i in content_items(ds) if "ReferencedContentItemIdentifier" in i]

    target: Dataset = ds
    root, *path = reference.ReferencedContentItemIdentifier
    for position in path:
        target = target.ContentSequence[position - 1]

    assert root == 1
    assert target.ValueType == "IMAGE"
    assert uids_in(target.ReferencedSOPSequence) == {images[0].SOPInstanceUID}


def test_a_length_is_measured_along_its_line(make: Build, images: list[Dataset]) -> None:
    ds = make("enhanced-sr", refers_to=images)
    (length,) = [i for i in content_items(ds) if i.ValueType == "NUM"]
    left, top, right, bottom = length.ContentSequence[0].GraphicData

    assert top == bottom
    assert float(length.MeasuredValueSequence[0].NumericValue) == pytest.approx(
        (right - left) * images[0].PixelSpacing[1], abs=0.001
    )


def test_a_key_object_selects_every_instance_it_is_given(
    make: Build, images: list[Dataset]
) -> None:
    ds = make("ko", refers_to=images)

    assert evidence_of(ds) == {str(each.SOPInstanceUID) for each in images}
    assert ds.ContentTemplateSequence[0].TemplateIdentifier == "2010"


def test_a_dose_report_adds_up(make: Build) -> None:
    ds = make("dose-sr")
    values = {
        item.ConceptNameCodeSequence[0].CodeMeaning: item.MeasuredValueSequence[0].NumericValue
        for item in content_items(ds)
        if item.ValueType == "NUM"
    }

    assert values["CT Dose Length Product Total"] == values["DLP"]
    assert (
        float(values["DLP"])
        == float(values["Mean CTDIvol"]) * float(values["Scanning Length"]) / 10
    )


def test_a_presentation_state_is_about_images_with_one_modality_lut(
    make: Build, images: list[Dataset]
) -> None:
    ds = make("gsps", refers_to=images)

    referenced = {
        str(image.ReferencedSOPInstanceUID)
        for series in ds.ReferencedSeriesSequence
        for image in series.ReferencedImageSequence
    }
    assert referenced == {str(each.SOPInstanceUID) for each in images[:2]}
    assert (ds.RescaleSlope, ds.RescaleIntercept) == (1, -1024)
    assert ds.SoftcopyVOILUTSequence[0].WindowWidth == images[0].WindowWidth


def test_a_presentation_state_names_the_images_where_they_differ(
    make: Build, plan: StudyPlan
) -> None:
    large, small = (
        build("ct", plan, Placement("2.25.4", 1, f"2.25.5{size}", size),
              rng=random.Random(1), rows=size, columns=size)
        for size in (64, 32)
    )  # fmt: skip

    ds = make("gsps", refers_to=[large, small])

    areas = ds.DisplayedAreaSelectionSequence
    assert [list(area.DisplayedAreaBottomRightHandCorner) for area in areas] == [[64, 64], [32, 32]]
    assert [uids_in(area.ReferencedImageSequence) for area in areas] == [
        {large.SOPInstanceUID},
        {small.SOPInstanceUID},
    ]


def test_a_presentation_state_inverts_monochrome1(make: Build, images: list[Dataset]) -> None:
    images[0].PhotometricInterpretation = "MONOCHROME1"

    assert make("gsps", refers_to=images).PresentationLUTShape == "INVERSE"


def test_a_presentation_state_of_colour_images_is_refused(make: Build) -> None:
    with pytest.raises(ValueError, match="greyscale"):
        make("gsps", refers_to=[make("us")])


def test_a_measurement_without_an_image_is_refused(make: Build) -> None:
    with pytest.raises(ValueError, match="measures in an image"):
        make("enhanced-sr", refers_to=[make("pdf")])


def test_the_encapsulated_document_is_a_pdf(make: Build) -> None:
    ds = make("pdf")
    document = ds.EncapsulatedDocument

    assert len(document) == ds.EncapsulatedDocumentLength
    assert document.startswith(b"%PDF-1.4") and document.rstrip().endswith(b"%%EOF")
    assert ds.PatientID.encode() in document


def test_the_cross_reference_table_of_the_pdf_points_at_its_objects() -> None:
    document = pdf_of(["(brackets) and \\ backslash", "北京"])
    table = int(re.search(rb"startxref\n(\d+)\n", document)[1])  # type: ignore[index]  # fails the test

    assert document[table:].startswith(b"xref\n0 6\n")
    offsets = re.findall(rb"(\d{10}) 00000 n ", document[table:])
    for number, offset in enumerate(offsets, 1):
        assert document[int(offset) :].startswith(b"%d 0 obj" % number)
    (length,) = re.findall(rb"/Length (\d+) >>\nstream\n", document)
    stream = document.split(b"stream\n", 1)[1]
    assert stream[int(length) :].startswith(b"endstream")
    assert rb"(\(brackets\) and \\ backslash)" in stream


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_same_order_gives_the_same_bytes(kind: str, make: Build) -> None:
    first, again = (encoded(make(kind), ExplicitVRLittleEndian) for _ in range(2))

    assert first == again


@pytest.mark.parametrize("kind", ["ct", "pdf", "ko"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_objects_about_every_patient_keep_the_name(
    kind: str, script: str, make: Build, plan: StudyPlan
) -> None:
    one = patient("run", 1, script)
    subject = Subject(one.name, one.patient_id, one.birth_date, one.sex, one.character_set)
    description = {
        "chinese-gb2312": "头部检查",
        "japanese": "頭部",
        "japanese-kana": "頭部 ｱｲｳ",
    }.get(script, "Head")
    about = replace(plan, subject=subject, study_description=description)
    ds = make(kind, plan=about)

    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian):
        read = read_dataset(
            io.BytesIO(encoded(ds, syntax)), syntax.is_implicit_VR, is_little_endian=True
        )
        assert text_of(read, "PatientName") == one.name
        assert text_of(read, "StudyDescription") == description


def test_all_kinds_of_this_file_are_registered() -> None:
    assert set(DOCUMENTS) <= set(KINDS)
