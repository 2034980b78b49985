"""What people see of containers: `repr`, the text of `show_layout`, the picture in notebooks. Other pictures are in Rust."""

import re
import xml.etree.ElementTree
from typing import Any

import pytest

import dtl
from ranks import LINES, alone, on_ranks

CTX = alone()

PICTURE = """\
shape (7,), int16, cyclic over 3 ranks
    0120120
rank 0: 3 elements from 0 to 6
rank 1: 2 elements from 1 to 4
rank 2: 2 elements from 2 to 5
"""


@pytest.mark.parametrize("kind", LINES)
def test_every_rank_describes_the_layout(kind: Any) -> None:
    def rank(ctx: dtl.Context) -> Any:
        return repr(kind(ctx, 7, "int16", partition="block_cyclic", block_size=3))

    name = kind.__name__
    expected = [
        f"<dtl.{name}: shape (7,), int16, block_cyclic(3) over 2 ranks, rank 0 has (4,)>",
        f"<dtl.{name}: shape (7,), int16, block_cyclic(3) over 2 ranks, rank 1 has (3,)>",
    ]
    assert on_ranks(2, rank) == expected


@pytest.mark.parametrize("kind", LINES)
def test_every_rank_draws_the_same(kind: Any) -> None:
    def rank(ctx: dtl.Context) -> Any:
        container = kind(ctx, 7, "int16", partition="cyclic")
        return container.layout_text() + "\n", container._repr_html_()

    (text, html), *others = on_ranks(3, rank)
    assert text == PICTURE
    assert all(other == (text, html) for other in others)
    svg = xml.etree.ElementTree.fromstring(html)
    rectangles = svg.findall("{http://www.w3.org/2000/svg}rect")
    assert all(re.fullmatch("#[0-9a-f]{6}", rectangle.attrib["fill"]) for rectangle in rectangles)
    assert len({rectangle.attrib["fill"] for rectangle in rectangles}) == 3
    assert [rectangle[0].text for rectangle in rectangles] == [f"rank {int(rank)}" for rank in "0120120"]


def test_show_layout_prints(capsys: pytest.CaptureFixture[str]) -> None:
    dtl.show_layout(dtl.DistributedVector(CTX, 3, "int8"))
    assert capsys.readouterr().out == "shape (3,), int8, block over 1 rank\n    000\nrank 0: 3 elements from 0 to 2\n"
