// Forms that ask for a reason, a note, or what a drawn box is. Each resolves with the answer, or null.

import { at, clock, text } from "./dom.js";

export class Ask {
  constructor(store) {
    this._store = store;
    for (const dialog of document.querySelectorAll("dialog")) {
      for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close(""));
      // Keys of the page do nothing while a form is open.
      dialog.addEventListener("keydown", (event) => event.stopPropagation());
    }
    at("drawn-how").addEventListener("change", () => this._match());
  }

  /** Why? `danger` marks what leaves something uncovered. */
  reason(title, help, action, danger = false) {
    at("reason-go").classList.toggle("danger", danger);
    return this._one("reason", title, help, action);
  }

  note(frame) {
    return this._one("note", text("note-title", { time: clock(this._store.timeOf(frame)), frame }), "", text("save-note"));
  }

  answer(note) {
    return this._one("note", text("answer-title", { number: note.number }), note.text, text("answer"));
  }

  /** What was drawn in `frame`: {how, kind, first, last, reason}. */
  async drawn(frame, last) {
    at("drawn-first").value = at("drawn-last").value = String(frame);
    for (const id of ["drawn-first", "drawn-last"]) at(id).max = String(last);
    at("drawn-first").max = at("drawn-last").min = String(frame);
    at("drawn-reason").value = "";
    at("drawn-how").value = "follow";
    this._match();
    if (!(await this._open("drawn"))) return null;
    return {
      how: at("drawn-how").value,
      kind: at("drawn-kind").value,
      first: Number(at("drawn-first").value),
      last: Number(at("drawn-last").value),
      reason: at("drawn-reason").value.trim(),
    };
  }

  /** Whether the review may end; `lines` say what is still open, `blocked` whether that has to be dealt with first. */
  async finish(lines, blocked) {
    at("finish-lines").replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
    at("finish-open").hidden = !lines.length;
    at("finish-blocked").hidden = !blocked;
    at("finish-ready").hidden = blocked;
    at("finish-go").hidden = blocked;
    return this._open("finish");
  }

  _match() {
    const how = at("drawn-how").value;
    at("drawn-kinds").hidden = how === "note";
    at("drawn-frames").hidden = how !== "hold";
    at("drawn-why").textContent = text(how === "note" ? "drawn-note" : "drawn-reason");
  }

  async _one(name, title, help, action) {
    at(`${name}-title`).textContent = title;
    at(`${name}-help`).textContent = help;
    at(`${name}-help`).hidden = !help;
    at(`${name}-go`).textContent = action;
    at(`${name}-text`).value = "";
    return (await this._open(name)) ? at(`${name}-text`).value.trim() || null : null;
  }

  /** True when the form was sent off, false when it was left. The focus goes back to where it was. */
  _open(name) {
    const dialog = at(`${name}-dialog`);
    const before = document.activeElement;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener(
        "close",
        () => {
          before?.focus();
          resolve(dialog.returnValue === "go");
        },
        { once: true },
      );
    });
  }
}
