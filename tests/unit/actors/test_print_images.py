"""What the simulated printer reads from an image box, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import Dataset

from dicomtest.actors.print_images import lut_of, picture_of
from dicomtest.actors.print_values import Refused, film_box_rules, take
from dicomtest.dicom.print.classes import COLOR_IMAGE_BOX, GRAYSCALE_IMAGE_BOX
from dicomtest.spec.printer import PrinterClaims

CLAIMS = PrinterClaims()
BOTH = PrinterClaims(planar=(0, 1))


def image(pixels: bytes, **changes: object) -> Dataset:
    """A grayscale image of 2 rows and 2 columns, 8 bits."""
    item = Dataset()
    item.SamplesPerPixel, item.PhotometricInterpretation = 1, "MONOCHROME2"
    item.Rows = item.Columns = 2
    item.BitsAllocated, item.BitsStored, item.HighBit, item.PixelRepresentation = 8, 8, 7, 0
    item.PixelData = pixels
    for keyword, value in changes.items():
        setattr(item, keyword, value)
    return item


def colour(pixels: bytes, planar: int) -> Dataset:
    return image(
        pixels, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=planar
    )


RED, GREEN, BLUE, GRAY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9)
EXPECTED = np.array([[RED, GREEN], [BLUE, GRAY]])


def test_colours_by_plane():
    pixels = bytes([255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9])

    assert (picture_of(colour(pixels, 1), COLOR_IMAGE_BOX, CLAIMS).pixels == EXPECTED).all()


def test_colours_by_pixel_where_the_profile_has_them():
    pixels = bytes([*RED, *GREEN, *BLUE, *GRAY])

    assert (picture_of(colour(pixels, 0), COLOR_IMAGE_BOX, BOTH).pixels == EXPECTED).all()


def test_colours_by_pixel_are_refused_as_the_standard_has_them_by_plane():
    with pytest.raises(Refused) as refused:
        picture_of(colour(bytes(12), 0), COLOR_IMAGE_BOX, CLAIMS)

    assert refused.value.status == 0x0106


def test_twelve_bits():
    pixels = np.array([0, 4095, 256, 1], dtype="<u2").tobytes()
    item = image(pixels, BitsAllocated=16, BitsStored=12, HighBit=11)

    picture = picture_of(item, GRAYSCALE_IMAGE_BOX, CLAIMS)

    assert picture.pixels.tolist() == [[0, 4095], [256, 1]]
    assert picture.bits == 12


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"BitsStored": 16, "BitsAllocated": 16, "HighBit": 15}, 0x0106),
        ({"HighBit": 6}, 0x0106),
        ({"PixelRepresentation": 1}, 0x0106),
        ({"SamplesPerPixel": 3}, 0x0106),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, 0x0106),
        ({"Rows": 3}, 0x0106),
        ({"Columns": None}, 0x0120),
        ({"PixelData": None}, 0x0120),
    ],
)
def test_what_is_no_printable_image_is_refused(changes: dict[str, object], status: int):
    with pytest.raises(Refused) as refused:
        picture_of(image(bytes(4), **changes), GRAYSCALE_IMAGE_BOX, CLAIMS)

    assert refused.value.status == status


def test_a_table_of_the_wrong_length_is_refused():
    item = Dataset()
    item.add_new(0x00283002, "US", [256, 0, 12])
    item.add_new(0x00283006, "OW", bytes(2 * 255))
    lut = Dataset()
    lut.PresentationLUTSequence = [item]

    with pytest.raises(Refused) as refused:
        lut_of(lut)

    assert refused.value.status == 0x0106


@pytest.mark.parametrize(
    ("claims", "attributes", "status"),
    [
        ({}, {"FilmSizeID": "1INX1IN"}, None),  # U/M: refused
        ({"unsupported": "default"}, {"FilmSizeID": "1INX1IN"}, 0x0116),
        ({}, {"RequestedResolutionID": "FINEST"}, 0x0116),  # U/U, the attribute is supported
        ({}, {"SmoothingType": "SOFT"}, 0x0107),  # U/U, the attribute is not
        ({}, {"MaxDensity": 400}, 0xB605),
        ({}, {"MaxDensity": 300}, 0x0000),
    ],
)
def test_values_that_it_does_not_have_are_told(
    claims: dict[str, object], attributes: dict[str, object], status: int | None
):
    has = PrinterClaims.model_validate(claims)
    asked = Dataset()
    for keyword, value in attributes.items():
        setattr(asked, keyword, value)

    if status is None:
        with pytest.raises(Refused) as refused:
            take(asked, film_box_rules(has, setting=False), has)
        assert refused.value.status == 0x0106
    else:
        assert take(asked, film_box_rules(has, setting=False), has).status == status
