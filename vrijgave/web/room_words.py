"""How the review room says what is doubtful and what was changed."""

from __future__ import annotations

from vrijgave.domain.edits import (
    AddBox,
    Delete,
    Edit,
    EditLog,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
)
from vrijgave.i18n import _
from vrijgave.redaction.review_data import Cause


def cause_words(cause: Cause) -> str:
    """Why somebody may be exposed in a span."""
    match cause:
        case Cause.STARTS_OPEN:
            return _("Begins in the open: may be visible before it")
        case Cause.ENDS_OPEN:
            return _("Ends in the open: may be visible after it")
        case Cause.GAP:
            return _("Not seen for a while: the cover may be beside it")
        case Cause.JUMP:
            return _("Jumps: two subjects may have been taken for one")
        case Cause.SIZE_CHANGE:
            return _("Changes size at once: the cover may not fit")
        case Cause.TOUCH:
            return _("Touches another track: they may have been swapped")
        case Cause.LOW_SCORE:
            return _("Only just recognised: the cover may be beside it")
        case Cause.UNREADABLE:
            return _("The picture cannot be read; it is covered whole")


def edit_words(log: EditLog, edit: Edit) -> str:
    """What an edit did."""
    match edit.change:
        case Show(track=track):
            return _("Track {track} shown").format(track=track)
        case Hide(track=track):
            return _("Track {track} covered").format(track=track)
        case MoveBox(track=track, box=box):
            return _("Box of track {track} moved at frame {frame}").format(track=track, frame=box.frame)
        case Split(track=track, frame=frame):
            return _("Track {track} split at frame {frame}").format(track=track, frame=frame)
        case Merge(track=track, other=other):
            return _("Track {other} made part of track {track}").format(track=track, other=other)
        case Delete(track=track):
            return _("Track {track} deleted").format(track=track)
        case Extend(track=track, frame=frame):
            return _("Track {track} extended to frame {frame}").format(track=track, frame=frame)
        case AddBox():
            return _("Box drawn: track {track}").format(track=edit.made)
        case SetSound():
            return _("Sound changed")
        case SetTrim():
            return _("Beginning and end changed")
        case SetStyle():
            return _("Look of covers changed")
        case Undo(edit=number):
            return _taken_back(log, number)


def _taken_back(log: EditLog, number: int) -> str:
    """An undo names what it took back; the undo of one, what holds again."""
    undone, root = log.get(number), log.origin(number)
    if undone is None or root is None:
        return _("Taken back")
    said = edit_words(log, root)
    if isinstance(undone.change, Undo) and _depth(log, number) % 2:
        return _("Done again: {what}").format(what=said)
    return _("Taken back: {what}").format(what=said)


def _depth(log: EditLog, number: int) -> int:
    """How many undos lie between edit ``number`` and what it is about."""
    edit, depth = log.get(number), 0
    while edit is not None and isinstance(edit.change, Undo):
        edit, depth = log.get(edit.change.edit), depth + 1
    return depth
