"""Synthetic patients: visibly fake, in many scripts, the same again for the same seed.

Names come from Faker, or from short tables where their component groups must belong together.
Every name can be encoded in its Specific Character Set and comes back unchanged.
"""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from dicomtest.dicom.charsets import decode_text, encodable, encode_text
from dicomtest.dicom.name_tables import (
    CHINESE_FAMILY,
    CHINESE_GIVEN,
    KOREAN_FAMILY,
    KOREAN_GIVEN,
)

if TYPE_CHECKING:
    from faker import Generator

    Draw = Callable[[random.Random, str], str]

MOST_DRAWS = 500
_BORN_FROM, _BORN_TO = date(1930, 1, 1), date(2012, 12, 31)
_faker_lock = Lock()


@dataclass(frozen=True)
class Patient:
    """One synthetic patient; names and character set as pydicom wants them."""

    name: str  # PN: alphabetic=ideographic=phonetic
    patient_id: str
    birth_date: str  # DA
    sex: str  # M, F
    character_set: tuple[str, ...]  # Specific Character Set, value by value; () leaves it out
    script: str


@dataclass(frozen=True)
class Script:
    """How the names of one script are drawn, and the character set they are encoded in."""

    name: str
    character_set: tuple[str, ...]
    draw: Draw  # (random state, sex) -> PN without prefix
    suits: Callable[[str], bool] = bool  # whether a drawn name shows what the script is for


def patient(seed: int | str, index: int, script: str = "latin", prefix: str = "DT") -> Patient:
    """Patient number `index` of a run: equal arguments give an equal patient.

    Family name and Patient ID begin with the prefix, which is ASCII, at most 16 characters.
    Raises ValueError for a script that does not exist or a prefix that cannot stand in a name.
    """
    if script not in SCRIPTS:
        raise ValueError(f"there is no script {script!r}; scripts are {', '.join(SCRIPTS)}")
    if not re.fullmatch(r"[A-Za-z0-9 _.-]{0,16}", prefix):
        raise ValueError(f"prefix {prefix!r} is not at most 16 of letters, digits, space, _ . -")
    chosen = SCRIPTS[script]
    mark = prefix.rstrip("- ")
    rng = random.Random(f"{seed}/{script}/{index}")  # text: the same on every machine
    sex = rng.choice("FM")
    born = _BORN_FROM + timedelta(days=rng.randrange((_BORN_TO - _BORN_FROM).days))
    return Patient(
        name=_name(chosen, rng, sex, mark),
        patient_id="-".join(filter(None, (mark, _run(seed), f"{index:04d}"))),
        birth_date=born.strftime("%Y%m%d"),
        sex=sex,
        character_set=chosen.character_set,
        script=script,
    )


def _run(seed: int | str) -> str:
    """The seed as part of a Patient ID: LO, so that all of it stays below 64 characters."""
    text = str(seed)
    if re.fullmatch(r"[A-Za-z0-9._-]{1,32}", text):
        return text
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def _name(script: Script, rng: random.Random, sex: str, prefix: str) -> str:
    """Draw until a name suits the script, fits a PN, and survives its character set."""
    for _ in range(MOST_DRAWS):
        drawn = unicodedata.normalize("NFC", script.draw(rng, sex))
        name = f"{prefix}-{drawn}" if prefix else drawn
        if script.suits(drawn) and _survives(name, script.character_set):
            return name
    raise AssertionError(f"no name of {script.name} in {MOST_DRAWS} draws")


def _survives(name: str, character_set: tuple[str, ...]) -> bool:
    groups = name.split("=")
    if len(groups) > 3 or any(len(each) > 64 or each.count("^") > 4 for each in groups):
        return False
    if "\\" in name or not name.isprintable() or not encodable(name, character_set):
        return False
    return decode_text(encode_text(name, "PN", character_set), "PN", character_set) == name


@cache
def _names_of(locale: str) -> Generator:
    from faker import Factory

    return Factory.create(locale, providers=["faker.providers.person"])


def _from_faker(locale: str, rng: random.Random, ask: Callable[[Any], Any]) -> Any:
    """Ask Faker's names of a locale, seeded for this one question."""
    with _faker_lock:
        fake = _names_of(locale)
        fake.seed_instance(rng.getrandbits(64))
        return ask(fake)


def _faker(*locales: str) -> Draw:
    """One component group, family^given, of one of these locales."""

    def draw(rng: random.Random, sex: str) -> str:
        def ask(fake: Any) -> tuple[str, str]:
            if sex == "F":
                return fake.last_name_female(), fake.first_name_female()
            return fake.last_name_male(), fake.first_name_male()

        family, given = _from_faker(rng.choice(locales), rng, ask)
        return f"{family}^{given}"

    return draw


def _chinese(rng: random.Random, sex: str) -> str:
    family, pinyin_family = rng.choice(CHINESE_FAMILY)
    given, pinyin_given = rng.choice(CHINESE_GIVEN[sex])
    return f"{pinyin_family}^{pinyin_given}={family}^{given}"


def _korean(rng: random.Random, sex: str) -> str:
    family, given = rng.choice(KOREAN_FAMILY), rng.choice(KOREAN_GIVEN[sex])
    return "=".join(f"{family[n]}^{given[n]}" for n in range(3))


def _japanese_pairs(rng: random.Random, sex: str) -> tuple[tuple[str, str, str], ...]:
    """Family and given name, each as (kanji, katakana, romaji)."""

    def ask(fake: Any) -> tuple[tuple[str, str, str], ...]:
        given = fake.first_name_female_pair() if sex == "F" else fake.first_name_male_pair()
        return fake.last_name_pair(), given

    pairs: tuple[tuple[str, str, str], ...] = _from_faker("ja_JP", rng, ask)
    return pairs


def _japanese(rng: random.Random, sex: str) -> str:
    family, given = _japanese_pairs(rng, sex)
    phonetic = hiragana(f"{family[1]}^{given[1]}")
    return f"{family[2]}^{given[2]}={family[0]}^{given[0]}={phonetic}"


def _japanese_kana(rng: random.Random, sex: str) -> str:
    family, given = _japanese_pairs(rng, sex)
    kana = f"{family[1]}^{given[1]}"
    return f"{half_width(kana)}={family[0]}^{given[0]}={hiragana(kana)}"


def hiragana(katakana: str) -> str:
    """The same syllables in hiragana, as the examples of PS3.5 H.3 write the phonetic group."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in katakana)


_HALF_WIDTH = {unicodedata.normalize("NFKC", chr(n)): chr(n) for n in range(0xFF66, 0xFFA0)}


def half_width(katakana: str) -> str:
    """The same syllables in the half-width katakana of JIS X 0201 (ISO-IR 13)."""
    return "".join(_HALF_WIDTH.get(c, c) for c in unicodedata.normalize("NFD", katakana))


def _has_accents(name: str) -> bool:
    return not name.isascii()


def _has_no_ascii_letters(name: str) -> bool:
    """Guards against locales in which Faker falls back to English without a word."""
    return not re.search("[A-Za-z]", name)


SCRIPTS: dict[str, Script] = {
    each.name: each
    for each in (
        Script("latin", (), _faker("en_US"), str.isascii),
        Script("latin1", ("ISO_IR 100",), _faker("de_DE", "fr_FR", "es_ES"), _has_accents),
        Script("chinese-gb18030", ("GB18030",), _chinese),
        Script("chinese-utf8", ("ISO_IR 192",), _chinese),
        Script("chinese-gb2312", ("", "ISO 2022 IR 58"), _chinese),
        Script("japanese", ("", "ISO 2022 IR 87"), _japanese),
        Script("japanese-kana", ("ISO 2022 IR 13", "ISO 2022 IR 87"), _japanese_kana),
        Script("korean", ("", "ISO 2022 IR 149"), _korean),
        Script("cyrillic", ("ISO_IR 144",), _faker("ru_RU"), _has_no_ascii_letters),
        Script("greek", ("ISO_IR 126",), _faker("el_GR"), _has_no_ascii_letters),
        Script("arabic", ("ISO_IR 127",), _faker("ar_SA"), _has_no_ascii_letters),
        Script("hebrew", ("ISO_IR 138",), _faker("he_IL"), _has_no_ascii_letters),
        Script("thai", ("ISO_IR 166",), _faker("th_TH"), _has_no_ascii_letters),
    )
}
