// Keeps what was typed: only what changed is sent, so that two windows do not undo each other.

import { call } from "../api.js";
import { at, fill } from "./words.js";

const WAIT = 700;
const AGAIN = 8000;

export class Keeper {
  constructor(config, form, marks) {
    this.config = config;
    this.form = form;
    this.marks = marks;
    this.kept = this.read();
    this.dirtyMarks = false;
    this.timer = 0;
    this.busy = null;
    form.addEventListener("input", (event) => event.target.name && this.later(WAIT));
    form.addEventListener("change", (event) => event.target.name && this.later(WAIT));
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  // name -> text, as the service keeps it; boxes that are ticked go together.
  read() {
    const facts = {};
    for (const field of this.form.elements) {
      if (!field.name || field.name === "csrf") continue;
      if (field.type === "checkbox") {
        facts[field.name] = [facts[field.name], field.checked && field.value].filter(Boolean).join(" ");
      } else if (field.type !== "radio" || field.checked) facts[field.name] = field.value;
    }
    return facts;
  }

  marksChanged() {
    this.dirtyMarks = true;
    this.later(WAIT);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }

  changes() {
    const now = this.read();
    return Object.fromEntries(Object.entries(now).filter(([name, text]) => text !== this.kept[name]));
  }

  // Send what is not kept yet; answers whether all of it is.
  async flush() {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    const changes = this.changes();
    if (!this.dirtyMarks && !Object.keys(changes).length) return true;
    this.busy = this.send(changes);
    const done = await this.busy;
    this.busy = null;
    return done;
  }

  async send(changes) {
    const { words, urls } = this.config;
    const marks = this.dirtyMarks ? this.marks() : null;
    this.dirtyMarks = false;
    try {
      const state = await call("POST", urls.draft, { changes, marks });
      Object.assign(this.kept, changes);
      this.take(state.facts);
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      this.say(fill(words.saved, { time }), false);
      return true;
    } catch (error) {
      if (marks) this.dirtyMarks = true;
      this.say(fill(words.unsaved, { reason: error.status ? error.message : words.offline }), true);
      this.later(AGAIN);
      return false;
    }
  }

  say(text, bad) {
    const line = at("saved");
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("bad", bad);
  }

  // What another window of this person kept meanwhile, where nothing is being typed here.
  take(facts) {
    for (const [name, text] of Object.entries(facts)) {
      const field = this.form.elements[name];
      const plain = field instanceof HTMLElement && field.type !== "checkbox";
      if (!plain || field === document.activeElement || field.value !== this.kept[name] || text === field.value) continue;
      field.value = text;
      this.kept[name] = text;
    }
  }
}
