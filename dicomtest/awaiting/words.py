"""Texts for people, in the languages a site may choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dicomtest.dicom.objects import Subject


class Words(NamedTuple):
    """The same in English and Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """One of them."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        """English."""
        return self.en


NOTHING = Words("nothing has been seen", "尚未收到任何内容")
PATIENT_NAME = Words("Patient name", "患者姓名")
PATIENT_ID = Words("Patient ID", "患者编号")
BIRTH_DATE = Words("Birth date", "出生日期")
SEX = Words("Sex", "性别")
ACCESSION_NUMBER = Words("Accession number", "检查号")
AE_TITLE = Words("Called AE title", "被叫 AE 标题")
HOST = Words("Host", "主机地址")
PORT = Words("Port", "端口")


def of_total(have: int, want: int, one: str, many: str, zh: str) -> Words:
    """A number out of a number, such as "3 of 5 images"."""
    return Words(f"{have} of {want} {one if want == 1 else many}", f"{zh} {have}/{want}")


def patient_rows(subject: Subject) -> list[tuple[Words, str]]:
    """What a person needs to find or enter a patient."""
    return [
        (PATIENT_NAME, subject.patient_name),
        (PATIENT_ID, subject.patient_id),
        (BIRTH_DATE, _day(subject.birth_date)),
        (SEX, subject.sex),
    ]


def _day(date: str) -> str:
    """A date as people read it everywhere: 1970-01-31."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date


def patient_values(subject: Subject) -> dict[str, str]:
    """The same for a trigger."""
    return {
        "patient_name": subject.patient_name,
        "patient_id": subject.patient_id,
        "patient_birth_date": subject.birth_date,
        "patient_sex": subject.sex,
    }
