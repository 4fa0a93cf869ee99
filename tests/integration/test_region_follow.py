"""A person's box is followed through real footage both ways, and is covered on where its place is not sure."""

import numpy as np
import pytest
from region_clip import COUNT, HEIGHT, SCENE, SIDE, WIDTH, clip, place

from vrijgave.domain.regions import DrawnBox, End, Region
from vrijgave.domain.tracks import Source, SubjectKind
from vrijgave.errors import Rejected
from vrijgave.redaction import region as regions
from vrijgave.redaction.geometry import covered_shares, overlaps
from vrijgave.redaction.region import follow_regions


def drawn(*frames, at=place, first=None, last=None, kind=SubjectKind.FACE):
    boxes = tuple(DrawnBox(frame=f, xyxy=tuple(float(v) for v in at(f))) for f in frames)
    return Region(kind=kind, boxes=boxes, first=first, last=last)


def uncovered(followed, frames, at=place):
    """The frames in which not all of the subject lies in the grown box."""
    track = followed.track(1, WIDTH, HEIGHT)
    missed = []
    for frame in frames:
        box = track.box_at(frame)
        true = np.clip(np.array([at(frame)], np.float32), 0, [WIDTH, HEIGHT] * 2)
        if box is None or covered_shares(true, box[None])[0, 0] < 0.99:
            missed.append(frame)
    return missed


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    return clip(tmp_path_factory.mktemp("region") / "moving.mp4")


@pytest.mark.parametrize("frame", [0, 25, 59])
def test_a_box_is_followed_to_both_ends_of_the_footage(moving, frame):
    (found,) = follow_regions(moving, [drawn(frame)])
    assert (found.frames, found.begins, found.ends) == (tuple(range(COUNT)), End.CLIP, End.CLIP)
    assert uncovered(found, range(COUNT)) == []
    true = np.array([place(f) for f in found.frames], np.float32)
    assert np.diag(overlaps(found.xyxy, true)).min() > 0.6, "it follows, it does not swell"
    track = found.track(7, WIDTH, HEIGHT)
    assert (track.id, set(track.sources)) == (7, {Source.MANUAL})


def test_several_regions_share_one_pass(moving):
    found = follow_regions(moving, [drawn(10, last=20), drawn(40, first=30)])
    assert [(f.frames[0], f.begins, f.frames[-1], f.ends) for f in found] == [
        (0, End.CLIP, 20, End.GIVEN), (30, End.GIVEN, 59, End.CLIP),
    ]  # fmt: skip


def test_a_subject_further_back_than_the_pictures_at_hand_is_followed_all_the_same(moving, monkeypatch):
    (whole,) = follow_regions(moving, [drawn(50)])
    monkeypatch.setattr(regions, "MEMORY", 7)
    (parts,) = follow_regions(moving, [drawn(50)])
    assert parts.frames == whole.frames
    assert parts.begins is End.CLIP
    assert np.allclose(parts.xyxy, whole.xyxy)


def test_a_track_stops_at_a_cut_both_ways(tmp_path):
    path = clip(tmp_path / "cut.mp4", cut=30)
    before, after = follow_regions(path, [drawn(20), drawn(40)])
    assert (before.frames[-1], before.ends) == (29, End.CUT)
    assert (after.frames[0], after.begins) == (30, End.CUT)


def leaving(frame):
    x = 150 + 6 * frame
    return (x, 80, x + SIDE, 80 + SIDE)


def test_who_leaves_the_picture_is_covered_up_to_the_edge(tmp_path):
    (found,) = follow_regions(clip(tmp_path / "edge.mp4", leaving), [drawn(5, at=leaving)])
    visible = [f for f in range(COUNT) if leaving(f)[0] < WIDTH - 3]
    assert found.ends is End.EDGE
    assert uncovered(found, visible, leaving) == []


def test_what_is_hidden_for_a_moment_is_covered_meanwhile_and_found_again(tmp_path):
    path = clip(tmp_path / "hidden.mp4", hidden=range(28, 34))
    (found,) = follow_regions(path, [drawn(10)])
    assert uncovered(found, range(COUNT)) == []
    assert next(f for f, s in zip(found.frames, found.scores, strict=True) if s == 0) in (27, 28)


def test_what_is_gone_is_covered_for_a_second_and_then_said_to_be_lost(tmp_path):
    path = clip(tmp_path / "gone.mp4", hidden=range(20, COUNT))
    lost, held = follow_regions(path, [drawn(10), drawn(10, last=58)])
    assert lost.ends is End.LOST
    assert 40 <= lost.frames[-1] <= 46
    assert (held.ends, held.frames[-1]) == (End.GIVEN, 58)
    assert held.scores[-1] == 0


def test_the_way_between_two_boxes_is_covered_although_the_subject_is_hidden_in_between(tmp_path):
    path = clip(tmp_path / "between.mp4", hidden=range(12, 52))
    (found,) = follow_regions(path, [drawn(10, 54)])
    assert found.frames == tuple(range(COUNT))
    middle = np.array([[(a + b) / 2 for a, b in zip(place(10), place(54), strict=True)]], np.float32)
    assert covered_shares(middle, found.xyxy[32][None])[0, 0] > 0.9
    for frame in (10, 54):
        assert found.xyxy[frame].tolist() == list(place(frame))


def test_a_smooth_subject_is_held_rather_than_lost_to_the_background(tmp_path):
    def still(_frame):
        return (100, 60, 140, 100)

    flat = SCENE.copy()
    flat[40:120, 80:160] = 90
    path = clip(tmp_path / "flat.mp4", still, hidden=range(COUNT), scene=flat)
    (found,) = follow_regions(path, [drawn(30, at=still)])
    assert uncovered(found, found.frames, still) == []


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: drawn(COUNT), "ends at frame 59"),
        (lambda: drawn(5, last=COUNT), "ends at frame 59"),
        (lambda: drawn(5, at=lambda _f: (WIDTH, 0, WIDTH + 9, 9)), "outside the picture"),
    ],
)
def test_a_box_outside_the_footage_is_refused(moving, make, told):
    with pytest.raises(Rejected, match=told):
        follow_regions(moving, [make()])


@pytest.mark.parametrize(
    "make",
    [
        lambda: drawn(),
        lambda: drawn(5, 5),
        lambda: drawn(9, 5),
        lambda: drawn(5, first=6),
        lambda: drawn(5, last=4),
        lambda: drawn(-1),
        lambda: drawn(5, at=lambda _f: (10, 10, 12, 30)),
    ],
)
def test_a_region_that_cannot_be_is_refused(make):
    with pytest.raises(Rejected):
        make()
