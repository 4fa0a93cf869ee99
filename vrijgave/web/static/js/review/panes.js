// The picture: the proxy with the boxes over it, and beside it, when asked for, what goes out.

import { at, oncePerFrame, text } from "./dom.js";
import { paintTrack, paintWhole } from "./paint.js";

export class Panes {
  constructor(store, player, overlay) {
    Object.assign(this, { store, player, overlay });
    this._video = at("video");
    this._canvas = at("covered");
    this._pen = this._canvas.getContext("2d");
    this.mode = "opaque";
    this._fit = oncePerFrame(() => this._resize());
    new ResizeObserver(this._fit).observe(at("panes"));
    for (const button of document.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.setMode(button.dataset.view));
    }
    const soon = oncePerFrame(() => this.draw());
    for (const name of ["state", "selection", "view"]) store.addEventListener(name, soon);
    this.setMode("opaque");
  }

  /** "opaque", "outline" or "beside". */
  setMode(mode) {
    this.mode = mode;
    for (const button of document.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === mode));
    }
    at("panes").classList.toggle("beside", mode === "beside");
    at("covered-pane").hidden = mode !== "beside";
    this.store.setOpaque(mode === "opaque");
    this._fit();
  }

  toggle() {
    this.setMode(this.mode === "opaque" ? "outline" : "opaque");
  }

  /** What goes out in this frame, next to the original. */
  draw() {
    if (this.mode !== "beside" || !this.store.ready) return;
    const { _pen: pen, _canvas: canvas, store } = this;
    const { frame } = this.player;
    const ratio = devicePixelRatio;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(this._video, 0, 0, canvas.width, canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [width, height] = [canvas.width / ratio, canvas.height / ratio];
    const view = { x: width / store.video.width, y: height / store.video.height, opaque: true, labels: false };
    const { trim } = store;
    if (trim && (frame < trim.first || frame > trim.last)) paintWhole(pen, width, height, text("outside-trim"));
    else if (store.video.unreadable.includes(frame)) paintWhole(pen, width, height, text("unreadable"));
    else {
      for (const [track, box] of store.boxesAt(frame)) {
        paintTrack(pen, track, box, view, { shown: store.isShown(track, frame) });
      }
    }
  }

  _resize() {
    const pane = at("picture-pane").getBoundingClientRect();
    const shape = this._video.videoWidth / this._video.videoHeight || 16 / 9;
    const width = Math.floor(Math.min(pane.width, pane.height * shape));
    const height = Math.round(width / shape);
    for (const box of document.querySelectorAll(".picture")) {
      box.style.width = `${width}px`;
      box.style.height = `${height}px`;
    }
    this._canvas.width = Math.round(width * devicePixelRatio);
    this._canvas.height = Math.round(height * devicePixelRatio);
    if (this.store.ready && width > 0) this.overlay.resize(width, height);
    this.draw();
  }

  /** After the video and the review are there. */
  begin() {
    this._resize();
  }
}
