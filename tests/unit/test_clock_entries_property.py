"""Whatever is entered and corrected, in whatever order: the lead times are those of the last words alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.leadtime import lead_times
from vrijgave.services.clock_entries import latest

T0 = datetime(2026, 3, 2, tzinfo=UTC)
SAID = st.tuples(
    st.sampled_from((Milestone.INCIDENT, Milestone.REPORTED, Milestone.REVIEW_DONE, Milestone.PUBLIC)),
    st.sampled_from((None, "youtube")),
    st.integers(1, 2),
    st.integers(0, 200),
    st.integers(0, 5),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(SAID, max_size=12))
def test_only_the_last_word_on_each_time_counts(
    said: list[tuple[Milestone, str | None, int, int, int, bool]],
) -> None:
    stamps = [
        Stamp(
            release_id="r", milestone=milestone, platform=platform, revision=revision,
            earliest=T0 + timedelta(hours=hour), latest=T0 + timedelta(hours=hour + width),
            certainty=Certainty.UNKNOWN if unknown else Certainty.ESTIMATED if width else Certainty.EXACT,
            source="person:anna", recorded_at=T0 + timedelta(days=20, minutes=number),
        )
        for number, (milestone, platform, revision, hour, width, unknown) in enumerate(said)
    ]  # fmt: skip
    now = T0 + timedelta(days=30)
    whole = lead_times("r", stamps, (), now=now, targets=["youtube"])
    assert whole == lead_times("r", latest(stamps).values(), (), now=now, targets=["youtube"])
