// The boxes over the picture: seen, chosen, moved, resized and drawn, by pointer and by keyboard.
//
// All boxes are one shape that is painted anew with each frame; only the chosen one has handles (Konva).

import { at, oncePerFrame, say, text } from "./dom.js";
import { boxAt, holds, isBox, tidy } from "./geometry.js";
import { paintMark, paintTrack, paintWhole } from "./paint.js";

const { Konva } = window;
const STEP = 2; // pixels of the source that an arrow key moves a side
const ROOM_FOR_SIDES = 40; // pixels of the screen below which handles in the middle of sides would lie over the corners
const CORNERS = ["top-left", "top-right", "bottom-left", "bottom-right"];
const SIDES = ["top-center", "middle-right", "bottom-center", "middle-left"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Overlay {
  constructor(container, store, player, actions) {
    Object.assign(this, { container, store, player, actions });
    this.adjusting = null; // {track or null for a new box, frame, box}
    this._dragged = null;
    this.stage = new Konva.Stage({ container, width: 1, height: 1 });
    const seen = new Konva.Layer({ listening: false });
    this._crowd = new Konva.Shape({ sceneFunc: (context) => this._paint(context._context), listening: false });
    seen.add(this._crowd);
    this._hand = new Konva.Layer();
    this._handles();
    this.stage.add(seen, this._hand);
    this.stage.on("pointerdown", (event) => this._pressed(event));
    this.stage.on("pointermove", () => this._stretched());
    this.stage.on("pointerup pointerleave", () => this._let());
    container.addEventListener("keydown", (event) => this._key(event));
    container.addEventListener("focus", () => this._describe());
    this.draw = () => (this._place(), seen.draw(), this._hand.draw());
    const soon = oncePerFrame(this.draw);
    for (const name of ["state", "selection", "view"]) store.addEventListener(name, soon);
  }

  /** The size of the picture on the screen, in pixels. */
  resize(width, height) {
    this.stage.size({ width, height });
    const { video } = this.store;
    this._scale = { x: width / video.width, y: height / video.height };
    this.draw();
  }

  /** Begins a new box: a pointer draws it, or arrow keys move and size the one in the middle. */
  begin() {
    if (!this.store.editable) return;
    this.player.pause();
    const { width, height } = this.store.video;
    const side = Math.min(width, height) / 4;
    const box = tidy([(width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2], width, height);
    this._adjust({ track: null, frame: this.player.frame, box });
  }

  /** Begins to move the chosen box by keyboard. */
  beginMove() {
    const { track } = this.store;
    const box = track && this.store.boxOf(track, this.player.frame);
    if (!box || !this.store.editable) return;
    this.player.pause();
    this._adjust({ track, frame: this.player.frame, box });
  }

  cancel() {
    this.adjusting = null;
    at("adjust-hint").hidden = true;
    this.container.classList.remove("drawing");
    this.draw();
  }

  async confirm() {
    const { track, frame, box } = this.adjusting;
    this.cancel();
    if (!isBox(box)) return say(text("too-small"));
    if (track) await this.actions.move(track, box, frame, reach());
    else await this.actions.drawn(box, frame);
  }

  _adjust(wish) {
    this.adjusting = wish;
    at("adjust-hint").hidden = false;
    at("adjust-hint").textContent = text(wish.track ? "hint-move" : "hint-draw");
    this.container.classList.toggle("drawing", !wish.track);
    this.container.focus();
    say(at("adjust-hint").textContent);
    this.draw();
  }

  _handles() {
    this._chosen = new Konva.Rect({ fill: "transparent", draggable: true, visible: false });
    this._transformer = new Konva.Transformer({
      nodes: [this._chosen],
      rotateEnabled: false,
      keepRatio: false,
      flipEnabled: false,
      ignoreStroke: true,
      anchorSize: 9,
      padding: 2,
      anchorCornerRadius: 2,
      anchorStroke: "#0b1016",
      anchorFill: "#ffffff",
      borderEnabled: false,
    });
    this._hand.add(this._chosen, this._transformer);
    this._chosen.on("dragstart transformstart", () => {
      this.player.pause();
      this._dragged = { track: this.store.track, frame: this.player.frame };
    });
    this._chosen.on("dragend transformend", () => this._moved());
  }

  _moved() {
    const { track, frame } = this._dragged;
    const node = this._chosen;
    const { width: most, height: high } = this.store.video;
    const [x, y] = [node.x() / this._scale.x, node.y() / this._scale.y];
    const [width, height] = [(node.width() * node.scaleX()) / this._scale.x, (node.height() * node.scaleY()) / this._scale.y];
    const box = tidy([x, y, x + width, y + height], most, high);
    this._dragged = null;
    if (isBox(box)) this.actions.move(track, box, frame, reach());
    else this.draw();
  }

  /** Brings the handles to the chosen box, unless a hand is on them. */
  _place() {
    if (this._dragged) return;
    const { track } = this.store;
    const box = track && !this.adjusting && this.store.editable ? this.store.boxOf(track, this.player.frame) : null;
    this._chosen.visible(Boolean(box));
    this._transformer.visible(Boolean(box));
    if (!box) return;
    const { x, y } = this._scale;
    const small = Math.min((box[2] - box[0]) * x, (box[3] - box[1]) * y) < ROOM_FOR_SIDES;
    this._transformer.enabledAnchors(small ? CORNERS : [...CORNERS, ...SIDES]);
    this._chosen.setAttrs({ x: box[0] * x, y: box[1] * y, width: (box[2] - box[0]) * x, height: (box[3] - box[1]) * y, scaleX: 1, scaleY: 1 });
  }

  _paint(pen) {
    const { store, player } = this;
    if (!store.ready || !this._scale) return;
    const { frame } = player;
    const view = { ...this._scale, opaque: store.opaque, labels: true };
    if (store.opaque && store.video.unreadable.includes(frame)) {
      paintWhole(pen, this.stage.width(), this.stage.height(), text("unreadable"));
    }
    for (const [track, box] of store.boxesAt(frame)) {
      paintTrack(pen, track, box, view, {
        shown: store.isShown(track, frame),
        doubt: store.doubtAt(track, frame),
        chosen: track.id === store.selected,
      });
    }
    for (const region of store.regionsUnderWay()) {
      if (region.frame === frame) paintMark(pen, region.box, view, text("being-followed"));
    }
    for (const note of store.notes) {
      if (note.box && note.open && note.frame === frame) paintMark(pen, note.box, view, text("note-label", { number: note.number }));
    }
    if (this.adjusting) paintMark(pen, this.adjusting.box, view, "");
  }

  _point() {
    const { x, y } = this.stage.getPointerPosition();
    return [x / this._scale.x, y / this._scale.y];
  }

  _pressed({ target, evt }) {
    if (evt.button !== 0) return;
    this.container.focus();
    const [x, y] = this._point();
    if (this.adjusting && !this.adjusting.track) {
      this.adjusting.box = [x, y, x, y];
      this._stretching = [x, y];
    } else if (target === this.stage) {
      const track = this.actions.under(this.store.boxesAt(this.player.frame), x, y, holds);
      this.store.select(track ? track.id : null);
      this._describe();
    }
  }

  _stretched() {
    if (!this._stretching || !this.adjusting) return;
    const { width, height } = this.store.video;
    this.adjusting.box = tidy([...this._stretching, ...this._point()], width, height);
    this.draw();
  }

  _let() {
    if (!this._stretching) return;
    this._stretching = null;
    if (this.adjusting && isBox(this.adjusting.box)) this.confirm();
    else if (this.adjusting) this.begin();
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" && !this.adjusting) return void (this._next(event.shiftKey ? -1 : 1) && event.preventDefault());
    if (event.key === "Enter") {
      if (this.adjusting) this.confirm();
      else this.beginMove();
    } else if (event.key === "Escape") {
      if (this.adjusting) this.cancel();
      else this.store.select(null);
    } else if (this.adjusting && event.key in ARROWS) {
      this._nudge(ARROWS[event.key], event.shiftKey);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Arrows move the box, with shift they move its right and lower side. */
  _nudge([x, y], size) {
    const [x1, y1, x2, y2] = this.adjusting.box;
    const { width, height } = this.store.video;
    const [right, down] = [x * STEP, y * STEP];
    if (size) this.adjusting.box = tidy([x1, y1, Math.max(x2 + right, x1 + 4), Math.max(y2 + down, y1 + 4)], width, height);
    else if (x1 + right >= 0 && x2 + right <= width && y1 + down >= 0 && y2 + down <= height) {
      this.adjusting.box = tidy([x1 + right, y1 + down, x2 + right, y2 + down], width, height);
    }
    this.draw();
  }

  /** The next box of this frame, from left to right; false where there is none, so that Tab leaves the picture. */
  _next(by) {
    const there = this.store.boxesAt(this.player.frame).sort((a, b) => a[1][0] - b[1][0] || a[0].id - b[0].id);
    const here = there.findIndex(([track]) => track.id === this.store.selected);
    const next = there[here < 0 && by < 0 ? there.length - 1 : here + by];
    if (!next) return false;
    this.store.select(next[0].id);
    this._describe();
    return true;
  }

  _describe() {
    const { track } = this.store;
    if (track && boxAt(track, this.player.frame)) {
      const shown = this.store.isShown(track, this.player.frame);
      say(text(shown ? "box-said-shown" : "box-said-covered", { kind: text(`kind-${track.kind}`), track: track.id }));
    } else {
      say(text("boxes-said", { count: this.store.boxesAt(this.player.frame).length, frame: this.player.frame }));
    }
  }
}

/** Over how many frames beside this one a moved box is carried on. */
const reach = () => Number(at("reach").value);
