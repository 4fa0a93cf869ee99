// One part of the texts: its field, its counter, what is wrong with it, advice, and whether it is kept.

import { count } from "./counting.js";

const IDLE_MS = 900;
const AGAIN_MS = 3000;

/** @typedef {"saved" | "typing" | "saving" | "refused" | "clash" | "offline"} State */

export class Part {
  /** `outside`: {keep, present, tell, sent, measured, settled}, the page around it. */
  constructor(element, outside) {
    this.element = element;
    this.outside = outside;
    this.field = element.dataset.part;
    this.version = Number(element.dataset.version);
    this.input = element.querySelector("textarea");
    this.preview = document.querySelector(`[data-preview="${this.field}"]`);
    /** @type {State} */
    this.state = "saved";
    this.timer = 0;
    this.busy = false;
    this.waiting = null;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("change", () => this.save());
    this.find("[data-draft]").addEventListener("click", () => this.save(true));
    this.find("[data-take]").addEventListener("click", () => this.take());
    this.find("[data-keep]").addEventListener("click", () => this.insist());
    if (this.field === "title") {
      this.input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    }
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  become(state) {
    this.state = state;
    this.outside.tell();
  }

  typed() {
    this.measure();
    if (this.state === "clash") return;
    this.become("typing");
    this.after(IDLE_MS);
  }

  after(span) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), span);
  }

  measure() {
    const { unit, limit } = this.element.dataset;
    const sent = this.outside.sent(this.field, this.input.value);
    const length = count(unit, sent);
    const counter = this.find(".counter");
    counter.textContent = counter.dataset.counted.replace("{length}", String(length)).replace("{limit}", limit);
    counter.classList.toggle("over", length > Number(limit));
    if (this.preview) this.preview.textContent = sent;
    this.outside.measured(this);
  }

  /** Send what stands in the field: one request at a time, and another when something was asked for meanwhile. */
  async save(toDraft = false) {
    clearTimeout(this.timer);
    if (this.state === "clash" || (this.state === "saved" && !toDraft)) return;
    if (this.busy) {
      this.waiting = { toDraft };
      return;
    }
    const text = this.input.value;
    this.busy = true;
    this.become("saving");
    try {
      const answer = await this.outside.keep({ field: this.field, version: this.version, text: toDraft ? null : text });
      this.show(answer.part);
      if (toDraft && answer.kept) this.put(answer.part.text);
      this.settle(answer.kept ? "saved" : "refused", toDraft || this.input.value === text);
    } catch (error) {
      this.busy = false;
      await this.failed(error);
    }
  }

  settle(state, unchanged) {
    const waiting = this.waiting;
    this.busy = false;
    this.waiting = null;
    this.become(unchanged ? state : "typing");
    if (waiting) this.save(waiting.toDraft);
    else if (!unchanged) this.after(IDLE_MS);
    else if (state === "saved") this.outside.settled(this);
  }

  async failed(error) {
    this.waiting = null;
    const told = this.find(".problems");
    if (error.status === 409) return this.clash(error.message);
    told.replaceChildren();
    if (error.status && error.status < 500) {
      told.append(paragraph(error.message));
      return this.become("refused");
    }
    this.become("offline");
    this.after(AGAIN_MS);
  }

  /** Somebody else wrote here too: both texts are shown, and the person chooses. */
  async clash(message) {
    this.become("clash");
    try {
      this.theirs = (await this.outside.present())[this.field];
    } catch {
      this.become("offline");
      this.after(AGAIN_MS);
      return;
    }
    this.find(".clash-message").textContent = message;
    this.find(".clash-text").textContent = this.theirs.text;
    this.find(".clash").hidden = false;
  }

  take() {
    this.find(".clash").hidden = true;
    this.show(this.theirs);
    this.put(this.theirs.text);
    this.become("saved");
    this.input.focus();
  }

  insist() {
    this.find(".clash").hidden = true;
    this.version = this.theirs.version;
    this.become("typing");
    this.input.focus();
    this.save();
  }

  put(text) {
    this.input.value = text;
    this.measure();
  }

  /** What the service says of this part now. */
  show(part) {
    this.version = part.version;
    this.input.setAttribute("aria-invalid", String(part.problems.length > 0));
    this.find(".problems").replaceChildren(...part.problems.map(paragraph));
    this.find("[data-by]").textContent = part.by;
    this.find(".stale").hidden = !part.stale;
    this.find(".draft").hidden = !part.edited;
    this.find(".draft-text").textContent = part.draft;
    this.advise(part.advice);
  }

  /** Replaces the advice. What is not followed yet stands open; what stands as before stays as the person left it. */
  advise(pieces) {
    const list = this.find(".advice");
    const before = [...list.children];
    const template = document.getElementById("advice-piece");
    list.replaceChildren(
      ...pieces.map((advice, index) => {
        const piece = template.content.firstElementChild.cloneNode(true);
        piece.className = advice.standing;
        const same = before[index]?.className === advice.standing ? before[index] : null;
        piece.querySelector("details").open = same?.querySelector("details").open ?? advice.standing === "open";
        piece.querySelector(".standing").textContent = `${advice.sign}:`;
        piece.querySelector(".what").textContent = advice.what;
        piece.querySelector(".reason").textContent = advice.why;
        piece.querySelector(".remedy").textContent = advice.how;
        return piece;
      }),
    );
  }
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}
