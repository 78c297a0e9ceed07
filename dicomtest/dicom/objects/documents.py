"""Encapsulated PDF, with a PDF of our own making."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from dicomtest.dicom.objects.common import code
from dicomtest.dicom.objects.registry import Make, kind
from dicomtest.dicom.objects.sr_content import content_moment

A4 = (595, 842)  # points


@kind("pdf", sop_class=EncapsulatedPDFStorage, modality="DOC", title="Encapsulated PDF")
def encapsulated_pdf(ds: Dataset, make: Make) -> None:
    """Encapsulated PDF IOD (PS3.3 A.45.1): one page that names patient and study."""
    document = pdf_of(
        [
            "Synthetic report of an acceptance test",
            "No patient was examined.",
            f"Patient ID: {make.plan.subject.patient_id}",
            f"Study: {make.plan.study_uid}",
            f"Instance: {make.place.instance_uid}",
        ]
    )
    ds.ConversionType = "WSD"
    ds.ContentDate, ds.ContentTime = content_moment(make.plan, 1500)
    ds.AcquisitionDateTime = ""
    ds.BurnedInAnnotation = "YES"
    ds.DocumentTitle = "Synthetic report of an acceptance test"
    ds.ConceptNameCodeSequence = [code("18748-4", "LN", "Diagnostic Imaging Report")]
    ds.MIMETypeOfEncapsulatedDocument = "application/pdf"
    ds.EncapsulatedDocument = document
    ds.EncapsulatedDocumentLength = len(document)


def pdf_of(lines: Sequence[str]) -> bytes:
    """A PDF 1.4 of one A4 page with these lines of ASCII text; of even length."""
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    page = f"BT /F1 12 Tf 16 TL 72 {A4[1] - 72} Td\n{shown}\nET\n".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode("ascii"),
        b"<< /Length %d >>\nstream\n%sendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # the second line says that it is binary
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out + b"\n" * (len(out) % 2))


def _escaped(line: str) -> str:
    plain = line.encode("ascii", "replace").decode("ascii")
    return "".join(f"\\{each}" if each in "()\\" else each for each in plain)
