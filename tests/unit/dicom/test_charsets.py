"""Text under every Specific Character Set: the examples of PS3.5 Annexes H to K, byte for byte."""

from __future__ import annotations

import io

import pytest
from pydicom import Dataset, config, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtest.dicom.charsets import (
    character_set_problems,
    decode_text,
    decoded,
    encodable,
    encode_dataset_text,
    encode_text,
    problems,
    raw_text,
    split_values,
    terms,
    text_of,
)

GB2312 = ("", "ISO 2022 IR 58")
KANJI = ("", "ISO 2022 IR 87")
KANA_KANJI = ("ISO 2022 IR 13", "ISO 2022 IR 87")
KOREAN = ("", "ISO 2022 IR 149")

K2 = bytes.fromhex(
    "5A68616E675E5869616F446F6E673D 1B242941D5C5 5E 1B242941D0A1B6AB 3D".replace(" ", "")
)
H31 = bytes.fromhex(
    "59616D6164615E5461726F753D1B24423B3345441B28425E1B244242404F3A1B28423D"
    "1B24422464245E24401B28425E1B2442243F246D24261B2842"
)
H32 = bytes.fromhex(
    "D4CFC0DE5EC0DBB33D1B24423B3345441B284A5E1B244242404F3A1B284A3D"
    "1B24422464245E24401B284A5E1B2442243F246D24261B284A"
)
I2 = bytes.fromhex(
    "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF"
)
NAMES = [
    ("Buc^Jérôme", "ISO_IR 100", bytes.fromhex("4275635E4AE972F46D65")),
    ("Wałęsa^Józef", "ISO_IR 101", None),
    ("Ċensu^Ħaġar", "ISO_IR 109", None),
    ("Ķēniņš^Jānis", "ISO_IR 110", None),
    ("Люкceмбypг", "ISO_IR 144", bytes.fromhex("BBEEDA6365DCD17970D3")),
    ("قباني^لنزار", "ISO_IR 127", bytes.fromhex("E2C8C7E6EA5EE4E6D2C7D1")),
    ("Διονυσιος", "ISO_IR 126", bytes.fromhex("C4E9EFEDF5F3E9EFF2")),
    ("שרון^דבורה", "ISO_IR 138", bytes.fromhex("F9F8E5EF5EE3E1E5F8E4")),
    ("Çavuşoğlu^İpek", "ISO_IR 148", None),
    ("Cœur^Œdipe", "ISO_IR 203", None),
    ("ศรีสุข^สมชาย", "ISO_IR 166", None),
    ("ﾔﾏﾀﾞ^ﾀﾛｳ", "ISO_IR 13", bytes.fromhex("D4CFC0DE5EC0DBB3")),
    ("Wang^XiaoDong=王^小東=", "ISO_IR 192", None),
    (
        "Wang^XiaoDong=王^小东=",
        "GB18030",
        bytes.fromhex("57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D"),
    ),
    (
        "Wang^XiaoDong=王^小东=",
        "GBK",
        bytes.fromhex("57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D"),
    ),
    ("Zhang^XiaoDong=张^小东=", GB2312, K2),
    ("Yamada^Tarou=山田^太郎=やまだ^たろう", KANJI, H31),
    ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", KANA_KANJI, H32),
    ("Hong^Gildong=洪^吉洞=홍^길동", KOREAN, I2),
    (
        "Buc^Jérôme=Διονυσιος^Люкceмбypг",
        ("ISO 2022 IR 100", "ISO 2022 IR 126", "ISO 2022 IR 144"),
        None,
    ),
    ("Yamada^丂=丂田", ("", "ISO 2022 IR 87", "ISO 2022 IR 159"), None),
]


@pytest.mark.parametrize(("name", "character_set", "raw"), NAMES)
def test_names_become_the_bytes_of_the_standard_and_come_back(name, character_set, raw):
    encoded = encode_text(name, "PN", character_set)

    if raw:
        assert encoded == raw
    assert decode_text(encoded, "PN", character_set) == name
    assert problems(encoded, "PN", character_set) == []
    assert encodable(name, character_set)


def test_every_line_designates_the_set_again():
    text = "1) 第一行文字。\r\n2) 第二行文字。\r\n3) 第三行文字。\r\n"
    raw = (
        b"1) \x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n"
        b"2) \x1b$)A\xb5\xda\xb6\xfe\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n"
        b"3) \x1b$)A\xb5\xda\xc8\xfd\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n"
    )  # PS3.5 Example K.3-1

    assert encode_text(text, "LT", GB2312) == raw
    assert decode_text(raw, "LT", GB2312) == text


def test_a_designation_at_the_beginning_of_the_line_reads_the_same():
    raw = b"\x1b$)CThe first line includes \xc7\xd1\xb1\xdb .\n\nThe third line"  # PS3.5 I.3

    assert decode_text(raw, "LT", KOREAN) == "The first line includes 한글 .\n\nThe third line"
    assert problems(raw, "LT", KOREAN) == []


@pytest.mark.parametrize("control", ["\r\n", "\n", "\f", "\t"])
def test_kanji_give_back_ascii_before_control_characters(control):
    raw = encode_text(f"山田{control}太郎", "LT", KANJI)

    assert raw == b"\x1b$B;3ED\x1b(B" + control.encode() + b"\x1b$BB@O:\x1b(B"
    assert decode_text(raw, "LT", KANJI) == f"山田{control}太郎"


def test_a_set_of_value_1_with_a_g1_is_given_back_before_a_delimiter():
    character_set = ("ISO 2022 IR 100", "ISO 2022 IR 144")

    raw = encode_text("é Жé", "LO", character_set)

    assert raw == b"\xe9 \x1b-L\xb6\x1b-A\xe9"
    assert encode_text("Ж\\é", "LO", character_set) == b"\x1b-L\xb6\x1b-A\\\xe9"


def ideograph(codec: str, at: int) -> str:
    """An ideograph with 5C, the code of the backslash, in that byte of its encoding."""
    candidates = map(chr, range(0x4E00, 0x9FA0))
    return next(c for c in candidates if c.encode(codec, "ignore")[at : at + 1] == b"\\")


@pytest.mark.parametrize(
    ("character_set", "codec", "at"),
    [("GB18030", "gb18030", 1), ("GBK", "gbk", 1), (KANJI, "iso2022_jp", 4)],
)
def test_values_are_split_at_delimiters_and_not_inside_characters(character_set, codec, at):
    first = ideograph(codec, at)
    raw = encode_text([first, "b"], "LO", character_set)

    assert raw.count(b"\\") == 2
    assert split_values(raw, "LO", character_set) == [encode_text(first, "LO", character_set), b"b"]
    assert split_values(raw, "LT", character_set) == [raw]
    assert problems(raw, "LO", character_set) == []


@pytest.mark.parametrize(
    ("text", "character_set"),
    [
        ("王", "ISO_IR 100"),
        ("é", None),
        ("é", ""),
        ("朱镕基", GB2312),
        ("Ж", KANA_KANJI[:1]),
        ("뢔", KOREAN),
        ("¥", "ISO_IR 13"),
        ("東", "ISO_IR 999"),
    ],
)
def test_what_a_set_does_not_have_is_refused(text, character_set):
    assert not encodable(text, character_set)
    with pytest.raises(UnicodeEncodeError):
        encode_text(text, "LO", character_set)


def test_code_strings_have_the_default_repertoire_whatever_is_declared():
    with pytest.raises(UnicodeEncodeError):
        encode_text("É", "CS", "ISO_IR 100")
    assert problems(b"\xc9", "CS", "ISO_IR 100") != []


@pytest.mark.parametrize(
    ("raw", "vr", "character_set", "clue"),
    [
        (b"J\xe9r", "PN", None, "PS3.5 6.1.2.2"),
        (b"J\xe9r", "PN", "ISO_IR 192", "not ISO_IR 192"),
        (b"\xa1", "LO", "ISO_IR 127", "no character of ISO-IR 127"),
        (K2, "PN", "ISO_IR 100", "not multi-valued"),
        (K2, "PN", KOREAN, "does not name"),
        (b"a=\xd5\xc5", "PN", GB2312, "no character set is in use"),
        (b"\x1b$)A\xd5\xc5^\xd0\xa1", "PN", GB2312, "no character set is in use"),
        (b"\x1b$)A\xd5", "LO", GB2312, "no character of ISO-IR 58"),
        (b"\x1b$B;3ED", "LO", KANJI, "at the end of the value"),
        (b"\x1b$B;3\r\n", "LT", KANJI, "before CR"),
        (b"\x1b(J^a", "PN", ("", "ISO 2022 IR 13"), 'before "^"'),
        (b"\x1b%Ga", "LO", GB2312, "no escape sequence of"),
        (K2, "PN", "GB18030", "escape sequence"),
        (b"a\r\nb", "LO", None, "control character 0D"),
        (b"a\x00", "LO", "ISO_IR 100", "control character 00"),
    ],
)
def test_wrong_bytes_are_named_with_their_clause(raw, vr, character_set, clue):
    found = problems(raw, vr, character_set)

    assert any(clue in each for each in found), found
    assert all("PS3." in each for each in found)


def test_wrong_bytes_do_not_stop_reading():
    assert decode_text(b"J\xe9r", "PN", None) == "J\ufffdr"
    assert decode_text(b"\x1b$)A\xd5\xd0\xa1", "LO", GB2312).endswith("\ufffd")
    assert decode_text(K2, "PN", None) == "Zhang^XiaoDong=张^小东="  # says what the sender meant


@pytest.mark.parametrize(
    ("character_set", "wrong"),
    [
        (None, 0),
        ("ISO_IR 100", 0),
        ("\\ISO 2022 IR 58", 0),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], 0),
        ("ISO_IR 192", 0),
        ("ISO_IR 203", 0),
        ("ISO_IR 6", 1),
        ("ISO 2022 IR 100", 1),
        ("ISO 2022 IR 87\\ISO 2022 IR 100", 1),
        ("ISO_IR 192\\ISO 2022 IR 58", 1),
        ("ISO_IR 100\\ISO 2022 IR 58", 1),
        ("UTF-8", 1),
        ("ISO 2022 IR 100\\", 1),
    ],
)
def test_the_attribute_itself_is_judged(character_set, wrong):
    assert len(character_set_problems(character_set)) == wrong


def test_terms_are_trimmed_values():
    assert terms("\\ISO 2022 IR 87 ") == ("", "ISO 2022 IR 87")
    assert terms("") == terms(None) == terms(["", None]) == ()


def chinese() -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = ["", "ISO 2022 IR 58"]
    ds.PatientName = "Zhang^XiaoDong=张^小东"
    ds.PatientID = "DT-1"
    ds.InstitutionName = "北京医院"
    ds.OtherPatientIDs = ["一", "b"]
    ds.PatientComments = "第一行\r\n第二行"
    item = Dataset()
    item.RequestedProcedureDescription = "头部"
    other = Dataset()
    other.SpecificCharacterSet = "ISO_IR 100"
    other.RequestedProcedureDescription = "Kopf schräg"
    ds.RequestAttributesSequence = [item, other]
    return ds


def as_read(ds: Dataset, *, implicit: bool = False) -> Dataset:
    """What a peer reads after the data set was written."""
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    buffer.seek(0)
    return read_dataset(buffer, is_implicit_VR=implicit, is_little_endian=True)


@pytest.mark.parametrize("implicit", [True, False])
def test_a_chinese_data_set_is_written_with_its_escape_sequences(implicit):
    ds = chinese()
    encode_dataset_text(ds)
    encode_dataset_text(ds)  # again changes nothing

    read = as_read(ds, implicit=implicit)

    assert raw_text(read, "PatientName") == K2[:-1] + b" " * (len(K2[:-1]) % 2)
    assert problems(raw_text(read, "PatientComments"), "LT", GB2312) == []
    assert text_of(read, "PatientName") == "Zhang^XiaoDong=张^小东"
    assert text_of(read, "InstitutionName") == "北京医院"
    assert text_of(read, "OtherPatientIDs") == ["一", "b"]
    assert text_of(read, "PatientComments") == "第一行\r\n第二行"
    inherits, own = read.RequestAttributesSequence
    assert text_of(inherits, "RequestedProcedureDescription", GB2312) == "头部"
    assert text_of(own, "RequestedProcedureDescription", GB2312) == "Kopf schräg"


def test_an_encoded_data_set_can_still_be_read_as_text():
    ds = chinese()
    encode_dataset_text(ds)

    assert str(ds.PatientName) == "Zhang^XiaoDong=张^小东"
    assert text_of(ds, "InstitutionName") == "北京医院"


def test_what_was_read_is_written_again_with_the_same_bytes_in_another_transfer_syntax():
    ds = chinese()
    encode_dataset_text(ds)
    read = as_read(ds)
    encode_dataset_text(read)

    again = as_read(read, implicit=True)

    assert raw_text(again, "InstitutionName") == raw_text(as_read(ds), "InstitutionName")
    assert text_of(again, "PatientName") == "Zhang^XiaoDong=张^小东"


def test_text_that_pydicom_has_decoded_wrongly_is_mended():
    ds = chinese()
    encode_dataset_text(ds)
    read = as_read(ds)

    assert "\x1b" in read.InstitutionName  # if this fails, pydicom has learnt it

    assert text_of(read, "InstitutionName") == "北京医院"
    assert str(read.PatientName) and text_of(read, "PatientName") == "Zhang^XiaoDong=张^小东"


def test_decoded_gives_text_of_items_and_leaves_the_original_alone():
    ds = chinese()
    encode_dataset_text(ds)
    read = as_read(ds)

    copy = decoded(read)

    assert str(copy.PatientName) == "Zhang^XiaoDong=张^小东"
    assert copy.InstitutionName == "北京医院"
    assert copy.RequestAttributesSequence[0].RequestedProcedureDescription == "头部"
    assert copy.RequestAttributesSequence[1].RequestedProcedureDescription == "Kopf schräg"
    assert raw_text(read, "InstitutionName") is not None


@pytest.mark.parametrize(
    "character_set",
    [KANJI, KANA_KANJI, KOREAN, ("ISO 2022 IR 100", "ISO 2022 IR 144"), ("ISO_IR 13",)],
)
def test_second_lines_survive_in_every_code_extension(character_set):
    word = {"87": "山田", "49": "홍길", "44": "Жé", "13": "ﾔﾏ"}[character_set[-1][-2:]]
    ds = Dataset()
    ds.SpecificCharacterSet = list(character_set)
    ds.PatientComments = f"A {word}\r\nB {word}"

    encode_dataset_text(ds)
    read = as_read(ds)

    assert problems(raw_text(read, "PatientComments"), "LT", character_set) == []
    assert text_of(read, "PatientComments") == f"A {word}\r\nB {word}"


def test_a_set_that_pydicom_writes_right_is_left_to_it():
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.InstitutionName = "北京医院"

    encode_dataset_text(ds)

    assert ds.InstitutionName == "北京医院"
    assert text_of(as_read(ds), "InstitutionName") == "北京医院"


def test_text_that_does_not_fit_is_refused_before_it_is_sent():
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.PatientName = "王^小东"

    with pytest.raises(UnicodeEncodeError):
        encode_dataset_text(ds)


def test_wrong_bytes_that_were_read_are_kept():
    raw = b"\x10\x00\x10\x00PN\x04\x00\xe9\xe8^a"
    read = read_dataset(io.BytesIO(raw), is_implicit_VR=False, is_little_endian=True)

    encode_dataset_text(read)

    assert raw_text(as_read(read), "PatientName") == b"\xe9\xe8^a"
    assert text_of(read, "PatientName") == "\ufffd\ufffd^a"


def test_other_elements_are_read_as_text_too():
    ds = Dataset()
    ds.Modality = "CT"
    ds.Rows = 512
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.StudyInstanceUID = "1.2.3"
    ds.PatientWeight = "71.50"
    ds.AccessionNumber = ""
    ds.StudyDescription = None
    ds.RequestAttributesSequence = []

    for each in (ds, as_read(ds)):
        assert text_of(each, "Modality") == "CT"
        assert text_of(each, "Rows") == "512"
        assert text_of(each, "ImageType") == ["ORIGINAL", "PRIMARY"]
        assert text_of(each, "StudyInstanceUID") == "1.2.3"
        assert text_of(each, "PatientWeight") == "71.50"
        assert text_of(each, "AccessionNumber") == text_of(each, "StudyDescription") == ""
        assert text_of(each, "PatientName") is None
        with pytest.raises(ValueError, match="no text"):
            text_of(each, "RequestAttributesSequence")
    with pytest.raises(ValueError, match="not a keyword"):
        text_of(ds, "PatientsName")


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_a_file_keeps_the_bytes(tmp_path, syntax):
    ds = chinese()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.SOPInstanceUID = "2.25.1"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    encode_dataset_text(ds)

    dcmwrite(tmp_path / "x.dcm", ds, enforce_file_format=True)

    assert K2[:-1] in (tmp_path / "x.dcm").read_bytes()
    assert text_of(dcmread(tmp_path / "x.dcm"), "PatientName") == "Zhang^XiaoDong=张^小东"
    assert config.settings.reading_validation_mode == config.WARN
