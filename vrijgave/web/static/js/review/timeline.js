// The timeline: ruler with notes and trim, the sound, and a lane for each track. Only what is in sight is painted, and
// only when something changed.

import { at, clock, oncePerFrame, say, text } from "./dom.js";
import { LANE, layout, paintTimeline, readColours } from "./timeline_paint.js";

const LEAST_FRAMES = 24;
const GRIP = 7; // pixels within which a handle is caught

export class Timeline {
  constructor(store, player, actions, sound) {
    Object.assign(this, { store, player, actions, sound });
    this.canvas = at("timeline");
    this._pen = this.canvas.getContext("2d");
    this.first = 0; // frame at the left side
    this.span = 1; // frames in sight
    this.top = 0; // pixels of lanes that are scrolled away
    this.lanes = [];
    this._drag = null;
    this.paint = oncePerFrame(() => this._paint());
    new ResizeObserver(() => this._resize()).observe(this.canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._resize());
    for (const name of ["state", "view"]) store.addEventListener(name, () => this._arrange());
    store.addEventListener("selection", () => this._reveal());
    sound.addEventListener("change", this.paint);
    this._listen();
  }

  begin() {
    this.span = this.store.video.frames;
    this._arrange();
    this._resize();
    this.moved();
  }

  /** Called with each painted frame. */
  moved() {
    const { frame } = this.player;
    if (frame < this.first || frame >= this.first + this.span) this._scrollTo(frame - this.span * 0.1);
    this.canvas.setAttribute("aria-valuenow", String(frame));
    this.canvas.setAttribute("aria-valuetext", text("frame-said", { frame, time: clock(this.store.timeOf(frame)) }));
    this.paint();
  }

  zoom(factor, around = this.player.frame) {
    const span = Math.min(Math.max(this.span * factor, LEAST_FRAMES), this.store.video.frames);
    this.first = around - ((around - this.first) * span) / this.span;
    this.span = span;
    this._scrollTo(this.first);
  }

  fit() {
    this.span = this.store.video.frames;
    this._scrollTo(0);
  }

  /** Frames to the right, pixels down. */
  pan(frames, pixels) {
    this.top = Math.min(Math.max(this.top + pixels, 0), Math.max(0, this.lanes.length * LANE - this._space.lanes.height));
    this._scrollTo(this.first + frames);
  }

  _scrollTo(first) {
    this.first = Math.min(Math.max(first, 0), Math.max(0, this.store.video.frames - this.span));
    this.paint();
  }

  _arrange() {
    if (!this.store.ready) return;
    this.lanes = this.store.filtered();
    this.canvas.setAttribute("aria-valuemax", String(this.store.lastFrame));
    if (this._space) this.pan(0, 0);
  }

  /** Scrolls the chosen track's lane into sight. */
  _reveal() {
    const lane = this.lanes.findIndex((track) => track.id === this.store.selected);
    if (lane >= 0 && this._space) {
      const { height } = this._space.lanes;
      if (lane * LANE < this.top) this.top = lane * LANE;
      if ((lane + 1) * LANE > this.top + height) this.top = (lane + 1) * LANE - height;
    }
    this.paint();
  }

  _resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this._space = layout(width, height, !this.store.video || !this.store.video.silent);
    this._colours = readColours();
    if (this.store.ready) this.pan(0, 0);
  }

  _paint() {
    if (!this.store.ready || !this._space || this._space.width < 50) return;
    this._pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paintTimeline(this._pen, this, this._space, this._colours);
  }

  x(frame) {
    return this._space.left + ((frame - this.first) / this.span) * (this._space.width - this._space.left);
  }

  frameAt(x) {
    const frame = this.first + ((x - this._space.left) / (this._space.width - this._space.left)) * this.span;
    return Math.min(Math.max(Math.floor(frame), 0), this.store.lastFrame);
  }

  _listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this._pressed(event));
    canvas.addEventListener("pointermove", (event) => this._dragged(event));
    canvas.addEventListener("pointerup", (event) => this._let(event));
    canvas.addEventListener("pointercancel", () => (this._drag = null));
    canvas.addEventListener("wheel", (event) => this._wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this._key(event));
  }

  _wheel(event) {
    event.preventDefault();
    const perPixel = this.span / (this._space.width - this._space.left);
    if (event.ctrlKey) this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.frameAt(event.offsetX));
    else if (event.shiftKey) this.pan(event.deltaY * perPixel, 0);
    else this.pan(event.deltaX * perPixel, event.deltaY);
  }

  _pressed(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this._drag = this._grip(event.offsetX, event.offsetY);
    this._dragged(event);
  }

  /** What lies under the pointer: a trim handle, the ruler, the sound, or a lane. */
  _grip(x, y) {
    const { trim, lastFrame, editable } = this.store;
    const { ruler, audio } = this._space;
    if (y < ruler.height) {
      const [begin, end] = [trim?.first ?? 0, trim?.last ?? lastFrame];
      if (editable && y > ruler.height - 14 && Math.abs(x - this.x(begin)) < GRIP) return { what: "begin", begin, end };
      if (editable && y > ruler.height - 14 && Math.abs(x - this.x(end + 1)) < GRIP) return { what: "end", begin, end };
      return { what: "playhead" };
    }
    if (audio.height && y < audio.top + audio.height) return { what: "sound", from: this.frameAt(x) };
    return { what: "lanes", x, y, first: this.first, top: this.top, moved: false };
  }

  _dragged(event) {
    const drag = this._drag;
    if (!drag) return;
    const frame = this.frameAt(event.offsetX);
    if (drag.what === "playhead") this.player.show(frame);
    else if (drag.what === "begin") drag.begin = Math.min(frame, drag.end);
    else if (drag.what === "end") drag.end = Math.max(frame, drag.begin);
    else if (drag.what === "sound") this.sound.choose(Math.min(drag.from, frame), Math.max(drag.from, frame));
    else if (drag.moved || Math.hypot(event.offsetX - drag.x, event.offsetY - drag.y) > 4) {
      drag.moved = true;
      this.top = drag.top;
      this.first = drag.first;
      this.pan(((drag.x - event.offsetX) * this.span) / (this._space.width - this._space.left), drag.y - event.offsetY);
    }
    this.preview = drag.what === "begin" || drag.what === "end" ? drag : null;
    this.paint();
  }

  _let(event) {
    const drag = this._drag;
    this._drag = this.preview = null;
    if (!drag) return;
    if (drag.what === "begin" || drag.what === "end") this.actions.setTrim(drag.begin, drag.end);
    if (drag.what === "lanes" && !drag.moved) this._clicked(event);
    this.paint();
  }

  _clicked({ offsetX: x, offsetY: y }) {
    const track = this.lanes[Math.floor((y - this._space.lanes.top + this.top) / LANE)];
    if (!track) return;
    const frame = this.frameAt(x);
    const doubt = x > this._space.left ? this.store.doubtAt(track, frame) : undefined;
    this.store.select(track.id, doubt ?? null);
    if (x > this._space.left) this.player.show(frame);
    else this.player.show(track.first);
  }

  /** Up and down choose a lane, plus and minus zoom; the arrows to the sides are those of the whole page. */
  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in moves) this._chooseLane(moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(0.5);
    else if (event.key === "-") this.zoom(2);
    else if (event.key === "0") this.fit();
    else if (event.key === "Enter" && this.store.track) this.player.show(this.store.track.first);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  _chooseLane(by) {
    const here = this.lanes.findIndex((track) => track.id === this.store.selected);
    const track = this.lanes[here < 0 ? 0 : Math.min(Math.max(here + by, 0), this.lanes.length - 1)];
    if (!track) return;
    this.store.select(track.id);
    say(text("lane-said", { kind: text(`kind-${track.kind}`), track: track.id, first: track.first, last: track.last }));
  }
}
