"""Arithmetic on boxes, beginning with none at all."""

import numpy as np
import pytest

from vrijgave.redaction import geometry

EMPTY = np.zeros((0, 4), np.float32)
ONE = np.array([[10, 10, 30, 30]], np.float32)


@pytest.mark.parametrize(
    "function", [geometry.intersections, geometry.overlaps, geometry.covered_shares, geometry.affinities]
)
def test_no_boxes_give_an_empty_table(function):
    assert function(EMPTY, ONE).shape == (0, 1)
    assert function(ONE, EMPTY).shape == (1, 0)
    assert function(EMPTY, EMPTY).shape == (0, 0)


def test_overlap_of_half_shifted_boxes():
    shifted = ONE + np.array([10, 0, 10, 0], np.float32)
    assert geometry.overlaps(ONE, shifted)[0, 0] == pytest.approx(1 / 3)
    assert geometry.covered_shares(ONE, shifted)[0, 0] == pytest.approx(0.5)


def test_a_box_within_another_overlaps_it_wholly():
    inner = np.array([[15, 15, 20, 20]], np.float32)
    assert geometry.smaller_overlaps(ONE, inner)[0, 0] == pytest.approx(1)


def test_affinity_is_one_for_the_same_box_and_none_for_another_size_or_place():
    assert geometry.affinities(ONE, ONE)[0, 0] == pytest.approx(1)
    assert geometry.affinities(ONE, np.array([[0, 0, 60, 60]], np.float32))[0, 0] == 0
    assert geometry.affinities(ONE, ONE + 25)[0, 0] == 0


def test_share_of_a_box_in_the_picture():
    assert geometry.inside_share(np.array([-10, 0, 10, 20], np.float32), 100, 100) == pytest.approx(0.5)
