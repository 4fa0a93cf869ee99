// The list of tracks, with a filter. Only the rows in sight exist: five hundred are as quick as five.

import { at, clock, make, oncePerFrame, text } from "./dom.js";
import { picture } from "./queue.js";

const ROW = 68;
const SPARE = 4;

export class Tracks {
  constructor(store, player) {
    Object.assign(this, { store, player });
    this._list = at("tracks");
    this._inner = at("tracks-inner");
    this._rows = [];
    const soon = oncePerFrame(() => this._fill());
    this._list.addEventListener("scroll", soon);
    this._list.addEventListener("keydown", (event) => this._key(event));
    at("filter").addEventListener("change", () => store.setFilter(at("filter").value));
    for (const name of ["state", "view"]) store.addEventListener(name, soon);
    store.addEventListener("selection", () => this._reveal());
    new ResizeObserver(soon).observe(this._list);
  }

  _fill() {
    if (!this.store.ready) return;
    this._rows = this.store.filtered();
    at("tracks-count").textContent = text("tracks-count", { count: this._rows.length, all: this.store.tracks.size });
    this._inner.style.height = `${this._rows.length * ROW}px`;
    const first = Math.max(0, Math.floor(this._list.scrollTop / ROW) - SPARE);
    const stop = Math.min(this._rows.length, Math.ceil((this._list.scrollTop + this._list.clientHeight) / ROW) + SPARE);
    const made = this._rows.slice(first, stop).map((track, place) => this._row(track, first + place));
    this._inner.replaceChildren(...made);
    const chosen = this._rows.some((track) => track.id === this.store.selected);
    if (chosen) this._list.setAttribute("aria-activedescendant", `track-${this.store.selected}`);
    else this._list.removeAttribute("aria-activedescendant");
  }

  _row(track, place) {
    const { store } = this;
    const chosen = track.id === store.selected;
    const state = text(track.shown ? "is-shown" : "is-covered") + (track.risk > 0 ? ` · ${text("is-uncertain")}` : "");
    const when = `${clock(store.timeOf(track.first))} – ${clock(store.timeOf(track.last))}`;
    const row = make(
      "div",
      {
        id: `track-${track.id}`, role: "option", class: "row", "aria-selected": String(chosen),
        "aria-posinset": place + 1, "aria-setsize": this._rows.length, onclick: () => this._go(track),
      },
      picture(track),
      make(
        "span",
        { class: "lines" },
        make("strong", {}, `${text(`kind-${track.kind}`)} ${track.id}`),
        make("span", {}, state),
        make("span", { class: "when" }, when),
      ),
    );
    row.style.top = `${place * ROW}px`;
    return row;
  }

  _go(track) {
    this.store.select(track.id);
    if (!this.store.boxOf(track, this.player.frame)) this.player.show(track.clearest ?? track.first);
  }

  _key(event) {
    const here = this._rows.findIndex((track) => track.id === this.store.selected);
    const last = this._rows.length - 1;
    const targets = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + 5, PageUp: here - 5, Home: 0, End: last };
    if (!(event.key in targets) || event.ctrlKey || event.metaKey || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this._go(this._rows[Math.min(Math.max(targets[event.key], 0), last)]);
  }

  _reveal() {
    const place = this._rows.findIndex((track) => track.id === this.store.selected);
    if (place >= 0) {
      const { scrollTop, clientHeight } = this._list;
      if (place * ROW < scrollTop) this._list.scrollTop = place * ROW;
      else if ((place + 1) * ROW > scrollTop + clientHeight) this._list.scrollTop = (place + 1) * ROW - clientHeight;
    }
    this._fill();
  }
}
