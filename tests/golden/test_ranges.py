"""A range of frames out of every kind of file of the timing tests is that part of a reading of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from timing_cases import CASES

from vrijgave.media import Frame, open_reader


def read(path: Path, first: int = 0, stop: int | None = None) -> list[Frame]:
    with open_reader(path, first=first, stop=stop) as reader:
        return list(reader.frames())


@pytest.mark.parametrize("name", CASES)
def test_a_range_is_that_part_of_the_whole(tmp_path: Path, name: str) -> None:
    source = CASES[name].make(tmp_path / CASES[name].file)
    whole = read(source)
    first, stop = len(whole) * 3 // 5, len(whole) * 9 // 10 + 1
    part = read(source, first, stop)
    assert [(frame.index, frame.pts) for frame in part] == [(frame.index, frame.pts) for frame in whole[first:stop]]
    for ours, theirs in zip(part, whole[first:stop], strict=True):
        assert (ours.picture is None) == (theirs.picture is None)
        if ours.picture is not None:
            assert all(map(np.array_equal, ours.picture.planes, theirs.picture.planes))
