// «Look here first»: the doubtful moments, riskiest first, each to be marked as looked at.

import { at, clock, make, text } from "./dom.js";
import { Rows } from "./rows.js";
import { nameOf } from "./store.js";

const ROW = 98;

export class Queue {
  constructor(store, actions) {
    Object.assign(this, { store, actions });
    at("queue-next").addEventListener("click", () => actions.goTo(1));
    at("queue-previous").addEventListener("click", () => actions.goTo(-1));
    at("queue-seen").addEventListener("click", () => actions.seen());
    this._rows = new Rows(at("queue"), ROW, {
      name: (span) => `${nameOf(span)} ${span.risk}`,
      make: (span) => this._item(span),
      update: (row, span, place) => this._update(row, span, place),
    });
    for (const name of ["state", "view"]) store.addEventListener(name, () => this._fill());
    store.addEventListener("selection", () => this._rows.reveal(store.span ? store.uncertain.indexOf(store.span) : -1));
    store.addEventListener("selection", () => this._rows.fill());
  }

  _fill() {
    const { uncertain } = this.store;
    const left = uncertain.filter((span) => !this.store.isDone(span)).length;
    at("queue-count").textContent = uncertain.length ? text("queue-count", { left, all: uncertain.length }) : text("queue-empty");
    at("queue-bar").max = Math.max(1, uncertain.length);
    at("queue-bar").value = uncertain.length - left;
    this._rows.set(uncertain);
  }

  _item(span) {
    const { store } = this;
    const track = store.tracks.get(span.track);
    const which = `${text(`kind-${track.kind}`)} ${span.track} · ${clock(store.timeOf(span.frame))}`;
    const lines = make("span", { class: "lines" }, make("strong", {}, span.words), make("span", { class: "when" }, which), risk(span.risk));
    const go = make("button", { class: "go", type: "button" }, picture(track), lines);
    const tick = make("input", { type: "checkbox", "aria-label": text("mark-seen", { words: span.words, track: span.track }) });
    return make("li", {}, go, make("label", { class: "seen" }, tick));
  }

  _update(row, span, place) {
    const { store } = this;
    const here = store.span === span;
    const tick = row.querySelector("input");
    row.classList.toggle("here", here);
    row.classList.toggle("done", store.isDone(span));
    row.setAttribute("aria-posinset", String(place + 1));
    row.setAttribute("aria-setsize", String(store.uncertain.length));
    row.querySelector(".go").setAttribute("aria-current", String(here));
    row.querySelector(".go").onclick = () => this.actions.look(span);
    tick.checked = store.isDone(span);
    tick.onchange = () => store.setDone(span, tick.checked);
  }
}

/** The track at its clearest. */
export function picture(track) {
  const hold = make("span", { class: "thumb", "aria-hidden": "true" });
  if (track.thumb) {
    const image = make("img", { src: track.thumb, alt: "", loading: "lazy" });
    image.addEventListener("error", () => image.remove());
    hold.append(image);
  }
  return hold;
}

/** In words and in three strokes. */
function risk(value) {
  const level = value >= 0.4 ? "high" : value >= 0.15 ? "middle" : "low";
  return make("span", { class: `risk ${level}` }, make("i"), make("i"), make("i"), text(`risk-${level}`));
}
