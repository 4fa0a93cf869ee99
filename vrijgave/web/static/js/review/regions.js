// Drawn boxes that the service follows both ways, and what became of them.

import { at, clock, make, say, text } from "./dom.js";

export class Regions {
  constructor(store, player, sync, ask, tell) {
    Object.assign(this, { store, player, sync, ask, tell });
    this._before = new Map();
    store.addEventListener("state", () => this._fill());
  }

  _fill() {
    for (const region of this.store.regions) {
      const was = this._before.get(region.number);
      if (was && was !== region.state && region.state === "followed") this._followed(region);
    }
    this._before = new Map(this.store.regions.map((region) => [region.number, region.state]));
    const open = this.store.regions.filter((region) => !["followed", "dropped"].includes(region.state));
    at("regions-part").hidden = !open.length;
    at("regions").replaceChildren(...open.map((region) => this._item(region)));
  }

  /** The new track comes to the front, to be accepted by going on or adjusted. */
  _followed(region) {
    say(text("region-followed", { track: region.track }));
    if (this.store.selected === null && this.store.tracks.has(region.track)) this.store.select(region.track);
  }

  _item(region) {
    const when = clock(this.store.timeOf(region.frame));
    const go = make("button", { type: "button", class: "link", onclick: () => this.player.show(region.frame) }, text("region-at", { time: when }));
    const drop = make("button", { type: "button", class: "small", onclick: () => this._drop(region) }, text("drop"));
    return make("li", {}, go, ` ${text(region.state === "failed" ? "region-failed" : "being-followed")} `, region.message ?? "", drop);
  }

  async _drop(region) {
    const reason = await this.ask.reason(text("drop-title"), text("drop-help"), text("drop"), true);
    if (!reason) return;
    try {
      await this.sync.drop(region.number, reason);
    } catch (error) {
      this.tell.refused(error.message);
    }
  }
}
