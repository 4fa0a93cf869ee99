// One frame of the original in all its pixels, larger at will.

import { at, text } from "./dom.js";

const SIZES = [0.5, 1, 2, 4];

export class Still {
  constructor(store, player) {
    Object.assign(this, { store, player });
    this._size = 1;
    at("still").addEventListener("click", () => this.open());
    at("still-larger").addEventListener("click", () => this._resize(1));
    at("still-smaller").addEventListener("click", () => this._resize(-1));
    at("still-image").addEventListener("load", () => (at("still-state").textContent = ""));
    at("still-image").addEventListener("error", () => this._failed());
    at("still-dialog").addEventListener("close", () => at("still-image").removeAttribute("src"));
  }

  open() {
    this.player.pause();
    const { frame } = this.player;
    at("still-title").textContent = text("still-title", { frame });
    at("still-image").alt = text("still-alt", { frame });
    at("still-state").textContent = text("loading");
    at("still-image").src = this.store.config.urls.still.replace("{frame}", frame);
    at("still-dialog").showModal();
    this._resize(0);
  }

  _failed() {
    if (at("still-image").hasAttribute("src")) at("still-state").textContent = text("still-failed");
  }

  _resize(by) {
    const place = Math.min(Math.max(SIZES.indexOf(this._size) + by, 0), SIZES.length - 1);
    this._size = SIZES[place];
    at("still-image").style.width = `${this.store.video.width * this._size}px`;
    at("still-size").textContent = `${this._size * 100}%`;
    at("still-larger").disabled = place === SIZES.length - 1;
    at("still-smaller").disabled = place === 0;
  }
}
