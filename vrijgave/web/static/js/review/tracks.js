// The list of tracks, with a filter.

import { at, clock, make, text } from "./dom.js";
import { picture } from "./queue.js";
import { Rows } from "./rows.js";

const ROW = 68;

export class Tracks {
  constructor(store, player) {
    Object.assign(this, { store, player });
    this._list = at("tracks");
    this._tracks = [];
    this._rows = new Rows(this._list, ROW, {
      name: (track) => String(track.id),
      make: (track) => this._row(track),
      update: (row, track, place) => this._update(row, track, place),
    });
    this._list.addEventListener("keydown", (event) => this._key(event));
    at("filter").addEventListener("change", () => store.setFilter(at("filter").value));
    for (const name of ["state", "view"]) store.addEventListener(name, () => this._fill());
    store.addEventListener("selection", () => this._reveal());
  }

  _fill() {
    this._tracks = this.store.filtered();
    at("tracks-count").textContent = text("tracks-count", { count: this._tracks.length, all: this.store.tracks.size });
    this._rows.set(this._tracks);
  }

  _row(track) {
    const lines = ["strong", "span", "span"].map((tag) => make(tag));
    return make("div", { id: `track-${track.id}`, role: "option", class: "row" }, picture(track), make("span", { class: "lines" }, ...lines));
  }

  _update(row, track, place) {
    const { store } = this;
    const [name, state, when] = row.querySelector(".lines").children;
    name.textContent = `${text(`kind-${track.kind}`)} ${track.id}`;
    state.textContent = text(track.shown ? "is-shown" : "is-covered") + (track.risk > 0 ? ` · ${text("is-uncertain")}` : "");
    when.textContent = `${clock(store.timeOf(track.first))} – ${clock(store.timeOf(track.last))}`;
    row.setAttribute("aria-selected", String(track.id === store.selected));
    row.setAttribute("aria-posinset", String(place + 1));
    row.setAttribute("aria-setsize", String(this._tracks.length));
    row.onclick = () => this._go(track);
  }

  _go(track) {
    this.store.select(track.id);
    if (!this.store.boxOf(track, this.player.frame)) this.player.show(track.clearest);
  }

  _key(event) {
    const here = this._tracks.findIndex((track) => track.id === this.store.selected);
    const last = this._tracks.length - 1;
    const targets = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + 5, PageUp: here - 5, Home: 0, End: last };
    if (!(event.key in targets) || event.ctrlKey || event.metaKey || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this._go(this._tracks[Math.min(Math.max(targets[event.key], 0), last)]);
  }

  _reveal() {
    const place = this._tracks.findIndex((track) => track.id === this.store.selected);
    this._rows.reveal(place);
    this._rows.fill();
    if (place >= 0) this._list.setAttribute("aria-activedescendant", `track-${this.store.selected}`);
    else this._list.removeAttribute("aria-activedescendant");
  }
}
