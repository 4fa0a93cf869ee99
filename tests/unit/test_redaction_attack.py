"""A face that was covered cannot be got back by putting frames together; from a blur it can."""

import pytest

from benchmarks.attack import STYLES, attack, portrait


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attack")
    target = portrait(folder, count=24)
    return {style: attack(target, style, folder) for style in STYLES}


@pytest.mark.parametrize("style", ["control: Gaussian blur", "control: fine mosaic"])
def test_the_attack_breaks_what_is_known_to_be_weak(results, style):
    result = results[style]
    assert result.rank == 1
    assert result.low > 0.9
    assert result.high > 1.5 * result.high_others[1]


@pytest.mark.parametrize("style", ["opaque", "mosaic"])
def test_our_covers_look_no_more_like_the_true_face_than_like_another(results, style):
    result = results[style]
    assert result.no_better_than_chance
    assert result.rank > 1
    assert not result.detected


def test_nothing_but_one_grey_is_left_of_an_opaque_cover(results):
    assert (results["opaque"].low, results["opaque"].high) == (0, 0)
