// Sends what the person does, one thing after another and at once, and asks what others did.
//
// What could not be sent is kept, also over a reload of the page, and tried again. A thing that the server refuses
// leaves the line, and whoever sent it is told.
//
// Events: "status" (see `status`), "refused" (see `refusal`).

import { ApiError, call } from "../api.js";

const POLL = 2000;
const PAUSES = [2000, 4000, 8000, 15000, 30000];

/** Milliseconds; a longer silence counts as no connection. */
const PATIENCE = 30000;

export class Sync extends EventTarget {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this._store = store;
    this._urls = store.config.urls;
    this._key = `vrijgave-unsent:${store.config.release}:${store.config.me}`;
    this._line = [];
    this._failures = 0;
    this._busy = false;
    this.problem = "";
    addEventListener("online", () => this.retry());
    addEventListener("beforeunload", (event) => {
      if (this._line.length) event.preventDefault();
    });
  }

  /** "saved", "saving" or "unsaved"; then `problem` says why. */
  get status() {
    if (!this._line.length) return "saved";
    return this.problem ? "unsaved" : "saving";
  }

  get unsent() {
    return this._line.length;
  }

  /** The whole review, and then every few seconds what changed. Rejects when it cannot be had at first. */
  async begin() {
    this._store.take(await call("GET", this._urls.state), true);
    const kept = JSON.parse(sessionStorage.getItem(this._key) ?? "[]");
    for (const item of kept) this._add(item.path, item.body).catch((error) => this._late(error.message));
    setInterval(() => this._poll(), POLL);
    document.addEventListener("visibilitychange", () => this._poll());
  }

  async reload() {
    this._store.take(await call("GET", this._urls.state), true);
  }

  /** One edit, see vrijgave/domain/edits.py. Rejects with an ApiError where the server refuses. */
  edit(change, reason = "") {
    return this._add(this._urls.edits, { edits: [{ change, reason }] });
  }

  undo() {
    return this._add(this._urls.undo, {});
  }

  redo() {
    return this._add(this._urls.redo, {});
  }

  addNote(frame, text, box) {
    return this._add(this._urls.notes, { frame, text, box });
  }

  enterNote(number, action, text) {
    return this._add(this._urls.note.replace("{number}", number), { action, text });
  }

  follow(frame, box, kind, reason) {
    return this._add(this._urls.regions, { frame, box, kind, reason });
  }

  drop(number, reason) {
    return this._add(this._urls.region_drop.replace("{number}", number), { reason });
  }

  /** The end of the review is no edit: it is tried once. */
  finish() {
    return call("POST", this._urls.finish, {});
  }

  retry() {
    clearTimeout(this._timer);
    this.problem = "";
    this._next();
  }

  /** `base` is the version that the person saw when they did it, however late it is sent. */
  _add(path, body) {
    return new Promise((resolve, reject) => {
      this._line.push({ path, body: { base: this._store.version, ...body }, resolve, reject });
      this._keep();
      this._next();
    });
  }

  async _next() {
    this._tell();
    if (this._busy || !this._line.length) return;
    this._busy = true;
    const item = this._line[0];
    try {
      const answer = await inTime(call("POST", item.path, { mark: this._store.mark, ...item.body }));
      this._done();
      this._store.take(answer);
      item.resolve(answer);
    } catch (error) {
      if (isRefusal(error)) {
        this._done();
        item.reject(error);
      } else {
        this._wait(error);
        return;
      }
    }
    this._busy = false;
    this._next();
  }

  _done() {
    this._line.shift();
    this._keep();
    this._failures = 0;
    this.problem = "";
  }

  _wait(error) {
    this.problem = error instanceof ApiError ? error.message : "offline";
    this._busy = false;
    this._timer = setTimeout(() => this.retry(), PAUSES[Math.min(this._failures, PAUSES.length - 1)]);
    this._failures += 1;
    this._tell();
  }

  async _poll() {
    if (document.hidden || this._line.length || this._polling) return;
    this._polling = true;
    try {
      const answer = await call("GET", `${this._urls.changes}?since=${this._store.version}&mark=${encodeURIComponent(this._store.mark)}`);
      if (!this._line.length) this._store.take(answer);
      this._lost(false);
    } catch (error) {
      this._lost(true, error);
    }
    this._polling = false;
  }

  _lost(lost, error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) location.reload();
    if (lost !== this.lost) {
      this.lost = lost;
      this._tell();
    }
  }

  /** What was kept over a reload was refused: nobody waits for the answer any more, so it is told. */
  _late(message) {
    this.refusal = message;
    this.dispatchEvent(new Event("refused"));
  }

  _keep() {
    sessionStorage.setItem(this._key, JSON.stringify(this._line.map(({ path, body }) => ({ path, body }))));
  }

  _tell() {
    this.dispatchEvent(new Event("status"));
  }
}

/** Whether the server understood and said no: the same again would meet the same answer. */
function isRefusal(error) {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status);
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new TypeError("late")), PATIENCE));
  return Promise.race([promise, late]);
}
