// The buttons under the picture, the frame's number and its time, and how the sound is played.

import { at, clock, text } from "./dom.js";
import { Tone } from "./tone.js";

export class Transport {
  constructor(store, player, sound) {
    Object.assign(this, { store, player, sound });
    this._tone = new Tone();
    const buttons = {
      "back-ten": () => player.step(-10),
      back: () => player.step(-1),
      play: () => player.toggle(),
      forward: () => player.step(1),
      "forward-ten": () => player.step(10),
    };
    for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", work);
    at("speed").addEventListener("change", () => player.setSpeed(Number(at("speed").value)));
    at("scrub").addEventListener("input", () => player.show(Number(at("scrub").value)));
    at("heard").addEventListener("change", () => this._hear());
    at("frame").addEventListener("change", () => this._typed());
    at("frame").addEventListener("keydown", (event) => event.key === "Enter" && at("overlay").focus());
    player.addEventListener("playing", () => this._playing());
  }

  begin() {
    at("scrub").max = at("frame").max = String(this.store.lastFrame);
    at("last").textContent = String(this.store.lastFrame);
    at("heard").hidden = this.store.video.silent;
    this.moved();
    this._playing();
  }

  /** Called with each painted frame. */
  moved() {
    const { frame } = this.player;
    if (document.activeElement !== at("frame")) at("frame").value = String(frame);
    at("time").textContent = clock(this.store.timeOf(frame));
    at("scrub").value = String(frame);
    at("scrub").setAttribute("aria-valuetext", text("frame-said", { frame, time: at("time").textContent }));
    this._hear();
  }

  /** The original, what goes out, or nothing. */
  _hear() {
    const how = at("heard").value;
    const chosen = how === "result" ? this.sound.at(this.player.frame) : "keep";
    at("video").muted = how === "off" || chosen !== "keep";
    this._tone.set(how === "result" && chosen === "bleep" && this.player.isPlaying && !this.player.isBackward);
  }

  _typed() {
    const wish = Number(at("frame").value);
    if (Number.isInteger(wish)) this.player.show(wish);
  }

  _playing() {
    this._hear();
    const { isPlaying, isBackward, speed } = this.player;
    at("play").textContent = `${isBackward ? "◂ " : ""}${text(isPlaying ? "pause" : "play")}`;
    at("play").classList.toggle("on", isPlaying);
    at("speed").value = String(speed);
  }
}
