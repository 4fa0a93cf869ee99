// What the page knows: the review as the server told it last, what is selected, and which frame is shown.
//
// Events: "state" (an answer of the server came in), "frame", "selection", "view" (filter, how covers are drawn),
// "others" (who else is here).

import { boxAt, within } from "./geometry.js";

export const FILTERS = {
  all: () => true,
  face: (track) => track.kind === "face",
  plate: (track) => track.kind === "plate",
  uncertain: (track) => track.risk > 0,
  shown: (track) => track.shown,
};

/** States in which a review can be changed. */
const OPEN_IN = new Set(["in_review", "changes_requested"]);

export class Store extends EventTarget {
  /** @param config that of the page: release, me, may, urls */
  constructor(config) {
    super();
    this.config = config;
    this.ready = false;
    this.version = 0;
    this.mark = "";
    this.tracks = new Map();
    this.uncertain = [];
    this.notes = [];
    this.regions = [];
    this.sound = [];
    this.edits = [];
    this.others = [];
    this.trim = null;
    this.can = { undo: false, redo: false };
    this.video = null;
    this.frame = 0;
    this.selected = null;
    this.span = null;
    this.place = -1; // where in the queue the moment stood that was chosen last
    this.filter = "all";
    this.opaque = true;
    this.pending = new Map();
    this._done = new Set(JSON.parse(localStorage.getItem(this._doneKey) ?? "[]"));
  }

  /** Takes in a whole state of the review, or what changed. One that is older than what is known is left aside. */
  take(answer, whole = false) {
    if (answer.same) {
      this.others = answer.others;
      return this._tell("others");
    }
    if (!whole && answer.version < this.version) return;
    if (whole || answer.whole) this.tracks.clear();
    for (const track of answer.tracks) this.tracks.set(track.id, track);
    for (const id of answer.gone ?? []) this.tracks.delete(id);
    for (const name of ["version", "mark", "state", "notes", "regions", "sound", "trim", "style", "can", "edits", "others", "video"]) {
      if (name in answer) this[name] = answer[name];
    }
    this._rank();
    if (this.selected !== null && !this.tracks.has(this.selected)) this.select(null);
    this.ready = true;
    this._tell("state");
  }

  /** All doubtful moments, riskiest first; the chosen one stays chosen, and where it is gone, its place is kept. */
  _rank() {
    const before = this.span && { name: nameOf(this.span), place: this.uncertain.indexOf(this.span) };
    const doubts = [...this.tracks.values()].flatMap((track) => track.doubts);
    this.uncertain = doubts.sort((a, b) => b.risk - a.risk || a.first - b.first || a.track - b.track);
    if (!before) return;
    this.span = this.uncertain.find((span) => nameOf(span) === before.name) ?? null;
    this.place = before.place;
  }

  get editable() {
    return this.config.may.edit && OPEN_IN.has(this.state);
  }

  get lastFrame() {
    return this.video ? this.video.frames - 1 : 0;
  }

  /** Milliseconds after the first frame at which `frame` stands in the source. */
  timeOf(frame) {
    const { times_ms: times, rate } = this.video;
    return times ? times[Math.min(frame, times.length - 1)] : (frame * 1000 * rate[1]) / rate[0];
  }

  /** The last frame that begins at or before that moment. */
  frameAt(ms) {
    const { times_ms: times, rate } = this.video;
    if (!times) return Math.max(0, Math.min(this.lastFrame, Math.floor((ms * rate[0]) / rate[1] / 1000 + 1e-6)));
    let [low, high] = [0, times.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  show(frame) {
    this.frame = frame;
    this._tell("frame");
  }

  select(id, span = null) {
    this.selected = id;
    this.span = span;
    if (span) this.place = this.uncertain.indexOf(span);
    this._tell("selection");
  }

  get track() {
    return this.tracks.get(this.selected) ?? null;
  }

  setFilter(filter) {
    this.filter = filter;
    this._tell("view");
  }

  setOpaque(opaque) {
    this.opaque = opaque;
    this._tell("view");
  }

  /** The tracks of the filter, by their first frame. */
  filtered() {
    const chosen = [...this.tracks.values()].filter(FILTERS[this.filter]);
    return chosen.sort((a, b) => a.first - b.first || a.id - b.id);
  }

  /** [track, box] of all that are in `frame`, the largest first. A box that is on its way to the server counts. */
  boxesAt(frame) {
    const found = [];
    for (const track of this.tracks.values()) {
      const box = this.boxOf(track, frame);
      if (box) found.push([track, box]);
    }
    return found;
  }

  boxOf(track, frame) {
    const waiting = this.pending.get(track.id);
    return waiting && waiting.frame === frame ? waiting.box : boxAt(track, frame);
  }

  /** Whether `track` surely shows in `frame`; whatever is not sure is covered. */
  isShown(track, frame) {
    return track.shown && within(track.shown_in, frame);
  }

  /** The uncertain span of `track` at `frame`, or undefined. */
  doubtAt(track, frame) {
    return this.doubtsOf(track.id).find((span) => span.first <= frame && frame <= span.last);
  }

  doubtsOf(id) {
    return this.tracks.get(id)?.doubts ?? [];
  }

  openNotes() {
    return this.notes.filter((note) => note.open);
  }

  regionsUnderWay() {
    return this.regions.filter((region) => region.state === "waiting" || region.state === "following");
  }

  isDone(span) {
    return this._done.has(nameOf(span));
  }

  setDone(span, done) {
    if (done) this._done.add(nameOf(span));
    else this._done.delete(nameOf(span));
    localStorage.setItem(this._doneKey, JSON.stringify([...this._done]));
    this._tell("view");
  }

  /** A box that was placed and is not yet with the server: drawn where the person put it. */
  hold(id, frame, box) {
    this.pending.set(id, { frame, box });
    this._tell("view");
  }

  release(id) {
    if (this.pending.delete(id)) this._tell("view");
  }

  get _doneKey() {
    return `vrijgave-seen:${this.config.release}:${this.config.me}`;
  }

  _tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** What a span is told apart by from one answer of the server to the next. */
export const nameOf = (span) => `${span.track}:${span.why}:${span.first}:${span.last}`;
