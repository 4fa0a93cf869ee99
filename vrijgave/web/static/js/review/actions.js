// What a person can do in the review, wherever they do it: by key, by button, on the picture or on the timeline.

import { say, text } from "./dom.js";
import { area } from "./geometry.js";

export class Actions {
  /** `ask` opens forms, `tell` says what was refused. */
  constructor(store, player, sync, ask, tell) {
    Object.assign(this, { store, player, sync, ask, tell });
  }

  /** Sends an edit; what is refused is said in a sentence, and after a conflict the newest state is loaded. */
  async edit(change, reason = "") {
    try {
      await this.sync.edit(change, reason);
      return true;
    } catch (error) {
      if (error.status === 409) await this._conflict(error, change, reason);
      else if (!reason && error.by === "reason") return this._withReason(change, error.message);
      else this.tell.refused(error.message);
      return false;
    }
  }

  async show() {
    const { player } = this;
    const { track } = this.store;
    if (!track || !this.store.editable) return;
    const anchor = this.store.boxOf(track, player.frame) ? player.frame : null;
    const help = anchor === null ? text("show-help-clearest", { frame: track.clearest }) : text("show-help", { frame: anchor });
    const reason = await this.ask.reason(text("show-title", { track: track.id }), help, text("show"));
    if (reason) await this._said({ kind: "show", track: track.id, anchor }, reason, "said-shown");
  }

  async cover() {
    const { track } = this.store;
    if (!track || !track.shown || !this.store.editable) return;
    const reason = await this.ask.reason(text("cover-title", { track: track.id }), text("cover-help"), text("cover"));
    if (reason) await this._said({ kind: "hide", track: track.id }, reason, "said-covered");
  }

  async remove() {
    const { track } = this.store;
    if (!track || !this.store.editable) return;
    const title = text("delete-title", { track: track.id });
    const reason = await this.ask.reason(title, text("delete-help"), text("delete"), true);
    if (reason) await this._said({ kind: "delete", track: track.id }, reason, "said-deleted");
  }

  async split() {
    const { track } = this.store;
    if (track && this.store.editable) await this._said({ kind: "split", track: track.id, frame: this.player.frame }, "", "said-split");
  }

  async merge(other) {
    const { track } = this.store;
    if (track && other) await this._said({ kind: "merge", track: track.id, other }, "", "said-merged");
  }

  async extend() {
    const { track } = this.store;
    if (track && this.store.editable) await this._said({ kind: "extend", track: track.id, frame: this.player.frame, box: null }, "", "said-extended");
  }

  /** Brings the box of a track to `box` in this frame; those of the frames beside it follow, as far as was chosen. */
  async move(track, box, frame, reach) {
    this.store.hold(track.id, frame, box);
    await this.edit({ kind: "move_box", track: track.id, box: { frame, xyxy: box }, reach });
    this.store.release(track.id);
  }

  /** What was drawn: followed by the service, held in place, or the mark of a note. */
  async drawn(box, frame) {
    const wish = await this.ask.drawn(frame, this.store.lastFrame);
    if (!wish) return;
    const { kind, reason } = wish;
    if (wish.how === "note") await this._try(this.sync.addNote(frame, reason, box), "said-noted");
    else if (wish.how === "follow") await this._try(this.sync.follow(frame, box, kind, reason), "said-following");
    else await this._said({ kind: "add_box", region: { kind, boxes: [{ frame, xyxy: box }], first: wish.first, last: wish.last } }, reason, "said-added");
  }

  async note() {
    if (!this.store.editable) return;
    this.player.pause();
    const { frame } = this.player;
    const said = await this.ask.note(frame);
    if (said) await this._try(this.sync.addNote(frame, said, null), "said-noted");
  }

  async undo() {
    if (this.store.can.undo) await this._try(this.sync.undo(), "said-undone");
  }

  async redo() {
    if (this.store.can.redo) await this._try(this.sync.redo(), "said-redone");
  }

  async setTrim(first, last) {
    const whole = first <= 0 && last >= this.store.lastFrame;
    await this._said({ kind: "set_trim", trim: whole ? null : { first, last } }, "", "said-trimmed");
  }

  async setStyle(style) {
    await this._said({ kind: "set_style", style }, "", "said-style");
  }

  /** What is heard from frame `first` to `last`; keeping sound needs a reason. */
  async setSound(sound, first, last) {
    const start_ms = first <= 0 ? 0 : Math.round(this.store.timeOf(first));
    const stop_ms = last >= this.store.lastFrame ? null : Math.round(this.store.timeOf(last + 1));
    let reason = "";
    if (sound === "keep") {
      reason = await this.ask.reason(text("keep-title"), text("keep-help"), text("sound-keep"));
      if (!reason) return;
    }
    await this._said({ kind: "set_sound", span: { sound, start_ms, stop_ms } }, reason, "said-sound");
  }

  /** Goes on from the present to the next (1) or the previous (-1) doubtful moment of the queue. */
  goTo(by) {
    const { uncertain, span } = this.store;
    if (!uncertain.length) return say(text("queue-empty"));
    const { place } = this.store;
    const next = span ? uncertain.indexOf(span) + by : by > 0 ? Math.max(place, 0) : (place < 0 ? uncertain.length : place) - 1;
    if (next < 0 || next >= uncertain.length) return say(text("queue-end"));
    this.look(uncertain[next]);
  }

  look(span) {
    this.store.select(span.track, span);
    this.player.show(span.frame);
    say(text("span-said", { track: span.track, words: span.words, frame: span.frame }));
  }

  /** Marks the present moment as looked at, and goes to the next that is not. */
  seen() {
    const { uncertain, span } = this.store;
    if (!span) return this.goTo(1);
    this.store.setDone(span, true);
    const from = uncertain.indexOf(span);
    const next = [...uncertain.slice(from + 1), ...uncertain.slice(0, from)].find((other) => !this.store.isDone(other));
    if (next) this.look(next);
    else say(text("queue-done"));
  }

  /** The smallest box under a point. */
  under(boxes, x, y, holds) {
    const hit = boxes.filter(([, box]) => holds(box, x, y));
    return hit.sort((a, b) => area(a[1]) - area(b[1]))[0]?.[0] ?? null;
  }

  async _said(change, reason, message) {
    if (await this.edit(change, reason)) say(text(message));
  }

  async _try(promise, message) {
    try {
      await promise;
      say(text(message));
    } catch (error) {
      if (error.status === 409) await this.sync.reload();
      this.tell.refused(error.message);
    }
  }

  async _withReason(change, why) {
    const reason = await this.ask.reason(text("reason-title"), why, text("go-on"));
    return reason ? this.edit(change, reason) : false;
  }

  async _conflict(error, change, reason) {
    await this.sync.reload().catch(() => {});
    this.tell.conflict(error.message, () => this.edit(change, reason));
  }
}
