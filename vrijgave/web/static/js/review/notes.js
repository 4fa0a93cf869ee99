// Notes at moments of the footage. While one is open the review cannot end.

import { at, clock, make, text } from "./dom.js";

export class Notes {
  constructor(store, player, actions, sync, ask, tell) {
    Object.assign(this, { store, player, actions, sync, ask, tell });
    at("add-note").addEventListener("click", () => actions.note());
    store.addEventListener("state", () => this._fill());
  }

  _fill() {
    const { notes } = this.store;
    const open = this.store.openNotes().length;
    at("notes-count").textContent = notes.length ? text("notes-count", { open, all: notes.length }) : text("notes-none");
    at("notes-badge").textContent = open ? String(open) : "";
    const mark = JSON.stringify(notes);
    if (mark === this._shown) return;
    this._shown = mark;
    const ordered = [...notes].sort((a, b) => Number(b.open) - Number(a.open) || a.frame - b.frame);
    at("notes").replaceChildren(...ordered.map((note) => this._note(note)));
  }

  _note(note) {
    const go = make("button", { type: "button", class: "link", onclick: () => this.player.show(note.frame) }, text("note-at", { time: clock(this.store.timeOf(note.frame)), frame: note.frame }));
    const state = make("span", { class: `note-state ${note.open ? "open" : ""}` }, text(note.open ? "note-open" : "note-resolved"));
    const said = note.answers.map((answer) => make("li", {}, make("p", {}, answer.text), make("p", { class: "by" }, `${answer.author}, ${answer.at}`)));
    return make(
      "li",
      { class: note.open ? "note" : "note resolved" },
      make("p", { class: "note-head" }, make("strong", {}, text("note-label", { number: note.number })), " ", go, " ", state),
      make("p", { class: "note-text" }, note.text),
      make("p", { class: "by" }, `${note.author}, ${note.at}`),
      said.length ? make("ul", { class: "answers" }, ...said) : null,
      make("p", { class: "note-acts" }, this._answer(note), this._settle(note)),
    );
  }

  _answer(note) {
    const work = async () => {
      const said = await this.ask.answer(note);
      if (said) await this._enter(note, "answered", said);
    };
    return make("button", { type: "button", class: "small", onclick: work }, text("answer"), unseen(note));
  }

  _settle(note) {
    const [action, name] = note.open ? ["resolved", "resolve"] : ["reopened", "reopen"];
    return make("button", { type: "button", class: "small", onclick: () => this._enter(note, action) }, text(name), unseen(note));
  }

  async _enter(note, action, said) {
    try {
      await this.sync.enterNote(note.number, action, said);
    } catch (error) {
      this.tell.refused(error.message);
    }
  }
}

/** Which note a button is about, for who does not see where it stands. */
const unseen = (note) => make("span", { class: "unseen" }, ` ${text("note-label", { number: note.number })}`);
