// The file: sent in pieces by the tus protocol, gone on with after a broken connection and after loading the page anew.

import { call, secret } from "../api.js";
import { at, clock, fill, size } from "./words.js";

const RETRIES = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const ASK_AGAIN = 700;
const RATE_WINDOW = 15000;

export class Footage {
  constructor(config, changed) {
    this.config = config;
    this.changed = changed;
    this.upload = config.state.upload;
    this.sender = null;
    this.looked = false;
    this.listen();
    this.show(config.state.marks);
    if (this.waits()) this.check();
    this.choose(at("file").files[0]); // chosen before this script was there
  }

  // All bytes are there, but it is not known yet whether it is a video.
  waits() {
    const { upload } = this;
    return upload && !upload.refused && !upload.sha256 && upload.received >= upload.size;
  }

  // Whether handing in has to wait for the file; says so. Leaving the page now would break the sending off.
  holdsUp() {
    const busy = Boolean(this.sender) || this.waits();
    if (busy) {
      this.say(this.config.words.wait, "warn");
      at("part-footage").scrollIntoView();
    }
    return busy;
  }

  listen() {
    const drop = at("drop");
    at("file").addEventListener("change", (event) => this.choose(event.target.files[0]));
    for (const kind of ["dragover", "dragenter"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      this.choose(event.dataTransfer.files[0]);
    });
    at("pause").addEventListener("click", () => this.pause());
    at("resume").addEventListener("click", () => this.resume());
    at("remove").addEventListener("click", () => this.remove());
    window.addEventListener("online", () => this.sender && this.broken && this.resume());
    window.addEventListener("beforeunload", (event) => {
      if (this.sender && !this.waits()) event.preventDefault();
    });
  }

  async choose(file) {
    at("file").value = "";
    if (!file) return;
    const { words, limit } = this.config;
    if (file.size === 0) return this.say(words.empty, "bad");
    if (file.size > limit) return this.say(words.large, "bad");
    const before = this.upload;
    const same =
      before && !before.refused && before.name === file.name && before.size === file.size && before.modified === file.lastModified;
    if (before && !before.refused && !same && before.received > 0) {
      this.say(fill(words.other, { name: before.name }), "warn");
    } else this.say("", "");
    this.send(file, same ? before.id : null);
  }

  send(file, known) {
    const { config } = this;
    if (!known) {
      this.upload = { name: file.name, size: file.size, modified: file.lastModified, received: 0 };
      this.changed(null, []);
    }
    this.looked = Boolean(known);
    this.sender = new window.tus.Upload(file, {
      endpoint: config.urls.uploads,
      uploadUrl: known ? `${config.urls.uploads}/${known}` : null,
      chunkSize: config.piece,
      retryDelays: RETRIES,
      storeFingerprintForResuming: false,
      headers: { "X-CSRF-Token": secret() },
      metadata: {
        filename: file.name,
        filetype: file.type || "application/octet-stream",
        modified: String(file.lastModified),
        draft: config.draft,
      },
      onUploadUrlAvailable: () => {
        this.upload.id = this.sender.url.split("/").pop();
      },
      onProgress: (sent) => this.progress(sent),
      onChunkComplete: (_piece, accepted, total) => this.accepted(accepted, total),
      onShouldRetry: (error) => this.mayRetry(error),
      onError: (error) => this.failed(error),
      onSuccess: () => {
        this.upload.received = this.upload.size;
        this.sender = null;
        this.check();
      },
    });
    this.begin();
  }

  begin() {
    this.broken = false;
    this.moments = [];
    this.mode("sending");
    this.sender.start();
  }

  mayRetry(error) {
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
    if (!status) this.say(this.config.words.broken, "warn");
    return !status || status >= 500 || status === 409 || status === 423;
  }

  async failed(error) {
    const answer = error.originalResponse;
    const status = answer ? answer.getStatus() : 0;
    if (!status || status >= 500) {
      this.broken = true;
      this.mode("paused");
      this.say(this.config.words.broken, "warn");
      return;
    }
    this.sender = null;
    const message = message_of(answer);
    await this.ask(); // perhaps the file was refused meanwhile, which says more
    if (!this.upload || !this.upload.refused) {
      this.mode(this.upload && this.upload.id ? "interrupted" : "none");
      this.say(message, "bad");
    }
  }

  progress(sent) {
    const { words } = this.config;
    const total = this.upload.size;
    const share = Math.floor((100 * sent) / total);
    this.upload.received = sent;
    this.moments = [...this.moments.filter(([when]) => when > Date.now() - RATE_WINDOW), [Date.now(), sent]];
    const [first, began] = this.moments[0];
    const rate = (sent - began) / Math.max(1, Date.now() - first);
    const left = rate > 0 ? Math.ceil((total - sent) / rate / 60000) : 0;
    at("bar").value = share;
    const parts = [fill(words.amount, { done: size(sent), total: size(total), share })];
    if (left > 1) parts.push(fill(words.left, { minutes: left }));
    at("amount").textContent = parts.join(" · ");
  }

  // A piece came through. Once the beginning is here, a look at it tells whether it is worth sending the rest.
  async accepted(count, total) {
    if (at("upload-said").textContent === this.config.words.broken) this.say("", "");
    if (this.looked || count >= total) return;
    this.looked = true;
    const state = await call("POST", this.config.urls.check).catch(() => null);
    if (state && state.upload && state.upload.refused && this.sender) {
      this.sender.abort();
      this.sender = null;
      this.take(state);
    }
  }

  pause() {
    this.sender.abort();
    this.mode("paused");
    this.say(this.config.words.paused, "");
    at("resume").focus();
  }

  resume() {
    this.say("", "");
    this.begin();
    at("pause").focus();
  }

  async remove() {
    const { upload, config } = this;
    if (!window.confirm(config.words.confirm)) return;
    if (this.sender) await this.sender.abort();
    this.sender = null;
    try {
      if (upload.id && !upload.refused) await gone(`${config.urls.uploads}/${upload.id}`);
    } catch (error) {
      this.say(error.message, "bad");
      return;
    }
    this.upload = null;
    this.show([]);
    this.say(config.words.removed, "");
    at("file").focus();
  }

  async ask() {
    this.take(await call("GET", this.config.urls.draft).catch(() => ({ upload: this.upload, marks: [] })));
  }

  take(state) {
    this.upload = state.upload;
    this.show(state.marks);
  }

  // Until it is known whether it is a video. Whoever looks into it may die: asking again makes another do it.
  async check() {
    this.mode("checking");
    this.say(this.config.words.checking, "");
    while (this.waits()) {
      try {
        const state = await call("POST", this.config.urls.check);
        this.upload = state.upload;
        if (!this.waits()) {
          this.take(state);
          if (this.upload && this.upload.sha256) this.say(this.config.words.ready, "good");
          return;
        }
      } catch (error) {
        if (error.status && error.status < 500) {
          this.say(error.message, "bad");
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
  }

  show(marks) {
    const { upload } = this;
    const { words } = this.config;
    this.changed(upload && upload.sha256 ? upload : null, marks);
    if (!upload) return this.mode("none");
    at("file-name").textContent = `${upload.name} (${size(upload.size)})`;
    if (upload.refused) {
      this.mode("none");
      return this.say(upload.refused, "bad");
    }
    if (upload.sha256) {
      const { width, height, seconds } = upload.video;
      at("sha256").textContent = upload.sha256;
      at("video").textContent = `${width}×${height} · ${clock(seconds)}`;
      return this.mode("ready");
    }
    if (this.waits()) return this.mode("checking");
    const share = Math.floor((100 * upload.received) / upload.size);
    this.mode("interrupted");
    this.say(fill(words.again, { name: upload.name, share }), "warn");
    at("bar").value = share;
    at("amount").textContent = fill(words.amount, { done: size(upload.received), total: size(upload.size), share });
  }

  // none, sending, paused, interrupted (the same file has to be chosen again), checking, ready
  mode(name) {
    at("part-footage").dataset.mode = name;
    const { upload } = this;
    if (upload) at("file-name").textContent = `${upload.name} (${size(upload.size)})`;
    at("drop").hidden = !["none", "interrupted"].includes(name);
    at("sending").hidden = name === "none";
    at("bar").hidden = at("amount").hidden = ["ready", "checking"].includes(name);
    at("pause").hidden = name !== "sending";
    at("resume").hidden = name !== "paused";
    at("proof").hidden = name !== "ready";
  }

  say(text, tone) {
    const line = at("upload-said");
    line.className = `notice ${tone}`;
    line.hidden = !text;
    line.textContent = text;
  }
}

function message_of(answer) {
  try {
    return JSON.parse(answer.getBody()).message;
  } catch {
    return String(answer.getStatus());
  }
}

async function gone(path) {
  const answer = await fetch(path, { method: "DELETE", headers: { "X-CSRF-Token": secret() } });
  if (!answer.ok && answer.status !== 404) throw new Error((await answer.json()).message);
}
