"""Text as pixels: a small fixed-width font, for annotations and for pages of text.

Letters outside ASCII lose their accents; what has no letter at all is drawn as a box.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 5, 7  # of a glyph, in dots
ADVANCE = WIDTH + 1

# Space to tilde; five columns each, from the left, lowest bit at the top.
_FONT = """
    0000000000 00005F0000 0007000700 147F147F14 242A7F2A12 2313086462 3649552250 0005030000
    001C224100 0041221C00 14083E0814 08083E0808 0050300000 0808080808 0060600000 2010080402
    3E5149453E 00427F4000 4261514946 2141454B31 1814127F10 2745454539 3C4A494930 0171090503
    3649494936 064949291E 0036360000 0056360000 0814224100 1414141414 0041221408 0201510906
    324979413E 7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A
    7F0808087F 00417F4100 2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E
    7F09090906 3E4151215E 7F09192946 4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F
    6314081463 0708700807 6151494543 007F414100 0204081020 0041417F00 0402010204 4040404040
    0001020400 2054545478 7F48444438 3844444420 384444487F 3854545418 087E090102 0C5252523E
    7F08040478 00447D4000 2040443D00 7F10284400 00417F4000 7C04180478 7C08040478 3844444438
    7C14141408 081414187C 7C08040408 4854545420 043F444020 3C4040207C 1C2040201C 3C4030403C
    4428102844 0C5050503C 4464544C44 0008364100 00007F0000 0041360800 0804081008
"""
_COLUMNS = _FONT.split()
_BOX = "7F4141417F"


@cache
def _glyph(character: str) -> NDArray[np.bool_]:
    code = ord(character) - 0x20
    columns = bytes.fromhex(_COLUMNS[code] if 0 <= code < len(_COLUMNS) else _BOX)
    dots = np.zeros((HEIGHT, ADVANCE), dtype=np.bool_)
    for number, bits in enumerate(columns):
        dots[:, number] = [bits >> row & 1 for row in range(HEIGHT)]
    return dots


def text_mask(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """One line of text as rows x columns of dots, each `scale` pixels wide and high."""
    plain = unicodedata.normalize("NFKD", text)
    letters = [each for each in plain if not unicodedata.combining(each)]
    if not letters:
        return np.zeros((HEIGHT * scale, 0), dtype=np.bool_)
    line = np.hstack([_glyph(each) for each in letters])[:, :-1]
    return np.kron(line, np.ones((scale, scale), dtype=np.bool_))


def draw_text(
    canvas: NDArray[np.float64], text: str, *, left: int, top: int, scale: int, value: float
) -> None:
    """Draw a line of text into an array of rows x columns (or x 3); what is outside is cut off."""
    mask = text_mask(text, scale)
    rows = max(0, min(mask.shape[0], canvas.shape[0] - top))
    columns = max(0, min(mask.shape[1], canvas.shape[1] - left))
    if top >= 0 and left >= 0 and rows and columns:
        canvas[top : top + rows, left : left + columns][mask[:rows, :columns]] = value


def fitting_scale(text: str, width: int, height: int) -> int:
    """The largest scale at which a line fits; at least 1."""
    dots = max(1, len(text) * ADVANCE - 1)
    return max(1, min(width // dots, height // HEIGHT))
