// The sound: its waveform, the stretch that is chosen, and what is heard where.
//
// Event: "change" (the waveform came in, another stretch is chosen).

import { call } from "../api.js";
import { at, clock, make, text } from "./dom.js";

const COARSER = 8;

export class Sound extends EventTarget {
  constructor(store, player, actions) {
    super();
    Object.assign(this, { store, player, actions });
    this.chosen = null;
    this._levels = [];
    at("stretch-from").addEventListener("click", () => this.begin());
    at("stretch-to").addEventListener("click", () => this.end());
    at("stretch-all").addEventListener("click", () => this.choose(0, store.lastFrame));
    for (const button of document.querySelectorAll("[data-sound]")) {
      button.addEventListener("click", () => this._set(button.dataset.sound));
    }
    at("trim-from").addEventListener("click", () => actions.setTrim(player.frame, Math.max(player.frame, this._trim().last)));
    at("trim-to").addEventListener("click", () => actions.setTrim(Math.min(player.frame, this._trim().first), player.frame));
    at("trim-none").addEventListener("click", () => actions.setTrim(0, store.lastFrame));
    at("style").addEventListener("change", () => actions.setStyle(at("style").value));
    store.addEventListener("state", () => this._fill());
  }

  async load() {
    if (this.store.video.silent) return;
    const { rate, peaks } = await call("GET", this.store.config.urls.waveform);
    const bytes = Uint8Array.from(atob(peaks), (char) => char.charCodeAt(0));
    this._rate = rate;
    this._levels = levels(new Int8Array(bytes.buffer));
    this._tell();
  }

  /** Lowest and highest sample, -1 to 1, between two seconds of the proxy. */
  peak(from, to) {
    if (!this._levels.length) return [0, 0];
    let [step, level] = [1, 0];
    while (level + 1 < this._levels.length && (to - from) * this._rate > step * COARSER) {
      level += 1;
      step *= COARSER;
    }
    const peaks = this._levels[level];
    const first = Math.max(0, Math.floor((from * this._rate) / step));
    const stop = Math.min(peaks.length / 2, Math.max(first + 1, Math.ceil((to * this._rate) / step)));
    let [low, high] = [0, 0];
    for (let place = first; place < stop; place += 1) {
      low = Math.min(low, peaks[2 * place]);
      high = Math.max(high, peaks[2 * place + 1]);
    }
    return [low / 127, high / 127];
  }

  choose(first, last) {
    this.chosen = { first, last };
    this._fill();
    this._tell();
  }

  /** The stretch begins at this frame; it ends where it did, or at this frame. */
  begin() {
    const { frame } = this.player;
    this.choose(frame, Math.max(frame, this.chosen?.last ?? this.store.lastFrame));
  }

  end() {
    const { frame } = this.player;
    this.choose(Math.min(frame, this.chosen?.first ?? 0), frame);
  }

  /** What is heard at `frame`: "keep", "mute" or "bleep". */
  at(frame) {
    const ms = this.store.timeOf(frame);
    return this.store.sound.find((span) => span.start_ms <= ms && (span.stop_ms === null || ms < span.stop_ms))?.sound ?? "mute";
  }

  async _set(sound) {
    if (!this.chosen) return;
    await this.actions.setSound(sound, this.chosen.first, this.chosen.last);
  }

  _trim() {
    return this.store.trim ?? { first: 0, last: this.store.lastFrame };
  }

  _fill() {
    const { store, chosen } = this;
    if (!store.ready) return;
    const { silent, sound_whole: whole } = store.video;
    at("sound-part").hidden = silent;
    at("no-sound").hidden = !silent;
    at("sound-uneven").hidden = silent || whole !== false;
    const of = (frame) => clock(store.timeOf(frame));
    at("stretch").textContent = chosen
      ? text("stretch", { from: of(chosen.first), to: of(chosen.last), first: chosen.first, last: chosen.last })
      : text("stretch-none");
    for (const button of document.querySelectorAll("[data-sound]")) button.disabled = !chosen || !store.editable;
    const trim = this._trim();
    at("trim-now").textContent = text(store.trim ? "trim-part" : "trim-whole", {
      from: of(trim.first), to: of(trim.last), first: trim.first, last: trim.last,
    });
    for (const id of ["trim-from", "trim-to", "trim-none"]) at(id).disabled = !store.editable;
    at("style").value = store.style;
    at("style").disabled = !store.editable;
    const end = store.timeOf(store.lastFrame);
    at("sounds").replaceChildren(
      ...store.sound.map((span) =>
        make("li", {}, make("strong", {}, text(`sound-${span.sound}`)), ` ${clock(span.start_ms)} – ${clock(span.stop_ms ?? end)}`),
      ),
    );
  }

  _tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The peaks, and ever coarser ones, each of eight of those before: a long sound is painted as fast as a short one. */
function levels(peaks) {
  const made = [peaks];
  while (made.at(-1).length > 2000) {
    const fine = made.at(-1);
    const coarse = new Int8Array(2 * Math.ceil(fine.length / 2 / COARSER));
    for (let place = 0; place < fine.length / 2; place += 1) {
      const into = 2 * Math.floor(place / COARSER);
      coarse[into] = Math.min(coarse[into], fine[2 * place]);
      coarse[into + 1] = Math.max(coarse[into + 1], fine[2 * place + 1]);
    }
    made.push(coarse);
  }
  return made;
}
