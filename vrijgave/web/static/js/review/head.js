// The line above the room: whether all is saved, who else is here, undo and redo, and the end of the review.

import { at, make, text } from "./dom.js";

const STATES = { saved: "is-saved", saving: "is-saving", unsaved: "is-unsaved" };

export class Head {
  constructor(store, sync, actions, ask, tell) {
    Object.assign(this, { store, sync, ask, tell });
    at("undo").addEventListener("click", () => actions.undo());
    at("redo").addEventListener("click", () => actions.redo());
    at("retry").addEventListener("click", () => sync.retry());
    at("finish").addEventListener("click", () => this._finish());
    sync.addEventListener("status", () => this._status());
    sync.addEventListener("refused", () => tell.refused(sync.refusal));
    store.addEventListener("state", () => this._fill());
    store.addEventListener("others", () => this._others());
    this._status();
  }

  _status() {
    const { status, problem, unsent, lost } = this.sync;
    const why = problem === "offline" ? text("offline") : problem;
    const words = status === "unsaved" ? text("is-unsaved", { why, count: unsent }) : text(lost ? "is-lost" : STATES[status]);
    if (at("saved").textContent !== words) at("saved").textContent = words;
    at("saved").dataset.state = lost && status === "saved" ? "unsaved" : status;
    at("retry").hidden = status !== "unsaved";
  }

  _fill() {
    const { store } = this;
    at("undo").disabled = !store.editable || !store.can.undo;
    at("redo").disabled = !store.editable || !store.can.redo;
    at("finish").hidden = !store.config.may.finish;
    at("finish").disabled = !store.editable;
    at("closed").hidden = store.editable;
    at("draw").disabled = at("add-note").disabled = !store.editable;
    this._others();
    at("edits").replaceChildren(
      ...[...store.edits].reverse().map((edit) =>
        make(
          "li",
          { class: edit.holds === false ? "taken-back" : "" },
          make("span", {}, edit.words),
          edit.reason ? make("span", {}, text("because", { reason: edit.reason })) : null,
          make("span", { class: "by" }, `${edit.actor}, ${edit.at}`, edit.holds === false ? ` · ${text("taken-back")}` : ""),
        ),
      ),
    );
    at("no-edits").hidden = store.edits.length > 0;
  }

  _others() {
    const names = this.store.others.map((other) => other.name).join(", ");
    const words = names ? text("others", { names }) : "";
    if (at("others").textContent !== words) at("others").textContent = words;
  }

  async _finish() {
    const { store, sync } = this;
    const lines = [];
    const notes = store.openNotes();
    const regions = store.regions.filter((region) => ["waiting", "following", "failed"].includes(region.state));
    if (notes.length) lines.push(text("open-notes", { count: notes.length, numbers: notes.map((note) => note.number).join(", ") }));
    if (regions.length) lines.push(text("open-regions", { count: regions.length }));
    if (sync.unsent) lines.push(text("open-unsent", { count: sync.unsent }));
    const blocked = lines.length > 0;
    const unseen = store.uncertain.filter((span) => !store.isDone(span)).length;
    if (unseen) lines.push(text("open-queue", { count: unseen }));
    if (!(await this.ask.finish(lines, blocked))) return;
    try {
      location.assign((await sync.finish()).next);
    } catch (error) {
      this.tell.refused(error.message);
    }
  }
}

/** Sentences above the room that stay until they are dealt with. */
export class Tell {
  constructor() {
    at("told-close").addEventListener("click", () => (at("told").hidden = true));
    at("told-again").addEventListener("click", () => {
      at("told").hidden = true;
      this._again?.();
    });
  }

  refused(message) {
    this._say(message, null);
  }

  /** Somebody changed the same: the newest state is on the page, and what was meant can be done on it once more. */
  conflict(message, again) {
    this._say(`${message} ${text("conflict-after")}`, again);
  }

  _say(message, again) {
    this._again = again;
    at("told-text").textContent = message;
    at("told-again").hidden = !again;
    at("told").hidden = false;
  }
}
