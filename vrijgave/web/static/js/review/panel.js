// The chosen track: what it is, whether it shows, and what can be done with it.

import { at, clock, make, text } from "./dom.js";
import { picture } from "./queue.js";

export class Panel {
  constructor(store, player, actions, overlay) {
    Object.assign(this, { store, player, actions });
    const buttons = {
      "do-show": () => actions.show(),
      "do-cover": () => actions.cover(),
      "do-split": () => actions.split(),
      "do-extend": () => actions.extend(),
      "do-delete": () => actions.remove(),
      "do-move": () => overlay.beginMove(),
      "do-merge": () => actions.merge(Number(at("merge-with").value)),
    };
    for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", work);
    for (const name of ["state", "selection"]) store.addEventListener(name, () => this._fill());
    at("go-first").addEventListener("click", () => player.show(store.track.first));
    at("go-last").addEventListener("click", () => player.show(store.track.last));
    at("go-clearest").addEventListener("click", () => player.show(store.track.clearest));
  }

  /** What depends on the frame alone. */
  moved() {
    const { store } = this;
    const { track } = store;
    if (!track) return;
    const { frame } = this.player;
    const here = store.boxOf(track, frame) !== null;
    const open = store.editable;
    const state = !here ? "not-here" : store.isShown(track, frame) ? "shown-here" : "covered-here";
    if (at("track-here").textContent !== text(state)) at("track-here").textContent = text(state);
    at("do-move").disabled = !open || !here;
    at("do-split").disabled = !open || frame <= track.first || frame > track.last;
    at("do-extend").disabled = !open || (frame >= track.first && frame <= track.last);
  }

  _fill() {
    const { store } = this;
    const { track } = store;
    at("no-track").hidden = track !== null;
    at("track-part").hidden = track === null;
    if (!track) return;
    at("track-name").textContent = `${text(`kind-${track.kind}`)} ${track.id}`;
    at("track-thumb").replaceChildren(picture(track));
    at("track-state").textContent = text(track.shown ? "is-shown" : "is-covered");
    at("track-state").dataset.shown = String(track.shown);
    at("track-reason").textContent = track.reason ? text("because", { reason: track.reason }) : "";
    const of = (frame) => clock(store.timeOf(frame));
    at("track-span").textContent = text("track-span", { first: track.first, last: track.last, from: of(track.first), to: of(track.last) });
    at("do-show").disabled = at("do-delete").disabled = !store.editable;
    at("do-cover").disabled = !store.editable || !track.shown;
    this._doubts(track);
    this._others(track);
    this.moved();
  }

  _doubts(track) {
    const spans = this.store.doubtsOf(track.id);
    at("track-doubts").replaceChildren(
      ...spans.map((span) =>
        make("li", {}, make("button", { type: "button", class: "link", onclick: () => this.actions.look(span) }, `${clock(this.store.timeOf(span.frame))} ${span.words}`)),
      ),
    );
  }

  /** With which others the track can become one: those of its kind, the nearest in time first. */
  _others(track) {
    const away = (other) => Math.max(other.first - track.last, track.first - other.last, 0);
    const others = [...this.store.tracks.values()].filter((other) => other.id !== track.id && other.kind === track.kind);
    others.sort((a, b) => away(a) - away(b) || a.id - b.id);
    const chosen = at("merge-with").value;
    at("merge-with").replaceChildren(...others.map((other) => make("option", { value: other.id }, `${text(`kind-${other.kind}`)} ${other.id}`)));
    if (others.some((other) => String(other.id) === chosen)) at("merge-with").value = chosen;
    at("merge-with").disabled = at("do-merge").disabled = !others.length || !this.store.editable;
  }
}
