// @ts-check
// The approve page: the player, how much was watched, and the decision.

import { ApiError, call } from "../api.js";
import { Played } from "./played.js";

/** @typedef {{sha256: string, length: number, seen: number[][], left: number[][], sent: boolean}} FileState */

const REPORT_MS = 2000;
const PICTURE_MS = 1000;
const PICTURE_TICK_MS = 250;
const root = document.getElementById("player");
/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

if (root) start(root);
decideOnce();

/** @param {HTMLElement} root */
function start(root) {
  const video = /** @type {HTMLVideoElement} */ (part("video"));
  const picture = /** @type {HTMLImageElement} */ (part("picture"));
  const buttons = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll(".play-file")]);
  const words = root.dataset;
  const played = new Played(video);
  /** @type {Map<string, FileState>} */
  const files = new Map();
  let current = buttons[0];
  /** @type {{sha256: string, played: number[][]}[]} */
  const outbox = [];
  let sending = false;
  let lookedAt = 0; // milliseconds for which the picture was on the screen

  // What was watched

  const report = (stretches) => {
    outbox.push({ sha256: current.dataset.sha256, played: stretches });
    post();
  };

  const post = async () => {
    if (sending) return;
    sending = true;
    while (outbox.length) {
      try {
        keep(await call("POST", words.watched, outbox[0]));
        outbox.shift();
      } catch (error) {
        const refused = error instanceof ApiError;
        tell(refused ? error.message : words.lost);
        if (!refused) break; // it is sent again with the next one
        outbox.shift();
      }
    }
    sending = false;
  };

  const send = () => {
    const stretches = played.take();
    if (stretches.length) report(stretches);
  };

  const tell = (message) => {
    part("watch-state").textContent = message;
  };

  const keep = (file) => {
    files.set(file.sha256, file);
    draw();
  };

  const draw = () => {
    for (const button of buttons) drawAmount(button, files.get(button.dataset.sha256));
    const file = files.get(current.dataset.sha256);
    if (file) bars(part("seen"), file);
    const out = [...files.values()].filter((each) => each.sent);
    const done = out.filter((each) => !each.left.length).length;
    if (!out.length) return;
    const whole = done === out.length;
    const sum = whole ? words.all : words.rest.replace("{done}", String(done)).replace("{all}", String(out.length));
    tell(sum);
    if (part("watch-sum")) {
      part("watch-sum").textContent = sum;
      part("watch-sum").classList.toggle("whole", whole);
      part("reason-field").hidden = whole;
      part("reason").required = !whole;
    }
    part("next-left").disabled = whole;
  };

  const drawAmount = (button, file) => {
    if (!file) return;
    const isVideo = Boolean(button.dataset.video);
    const missing = file.left.reduce((sum, [from, to]) => sum + to - from, 0);
    const percent = file.left.length ? Math.min(99, Math.floor((100 * (file.length - missing)) / file.length)) : 100;
    const said = isVideo ? words.seen.replace("{percent}", String(percent)) : words.unlooked;
    button.querySelector(".amount-words").textContent = percent === 100 ? (isVideo ? words.whole : words.looked) : said;
    button.classList.toggle("whole", percent === 100);
    bars(button.querySelector(".amount-bar"), file);
  };

  const bars = (element, file) => {
    element.replaceChildren(
      ...file.seen.map(([from, to]) => {
        const bar = document.createElement("span");
        bar.style.left = `${(100 * from) / file.length}%`;
        bar.style.width = `${(100 * (to - from)) / file.length}%`;
        return bar;
      }),
    );
  };

  // Playing

  const choose = (button, at = 0) => {
    video.pause();
    played.close();
    send();
    current = button;
    for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
    const isVideo = Boolean(button.dataset.video);
    video.hidden = !isVideo;
    picture.hidden = isVideo;
    part("controls").classList.toggle("still", !isVideo);
    const source = words.files + button.dataset.sha256;
    if (isVideo) {
      if (video.getAttribute("src") !== source) video.src = source;
      video.currentTime = at;
    } else {
      lookedAt = 0;
      picture.src = source;
      report([]);
    }
    const form = part("note-form");
    if (form) form.elements.sha256.value = button.dataset.sha256;
    moved();
    draw();
  };

  const toggle = () => {
    if (video.hidden) return;
    if (video.paused) video.play();
    else video.pause();
  };

  const go = (seconds) => {
    if (!video.hidden) video.currentTime = Math.min(Math.max(0, seconds), video.duration || 0);
  };

  const goToLeft = () => {
    const waiting = buttons.filter((button) => {
      const file = files.get(button.dataset.sha256);
      return file && file.sent && file.left.length;
    });
    const button = waiting.includes(current) ? current : waiting[0];
    if (!button) return;
    const [from] = files.get(button.dataset.sha256).left[0];
    if (button === current) go(from / 1000);
    else choose(button, from / 1000);
  };

  const moved = () => {
    const at = video.hidden ? 0 : video.currentTime;
    const length = video.hidden ? 0 : video.duration || 0;
    part("seek").max = length;
    part("seek").value = at;
    part("seek").setAttribute("aria-valuetext", `${clock(at)} / ${clock(length)}`);
    part("clock").textContent = `${clock(at)} / ${clock(length)}`;
    const form = part("note-form");
    if (form) {
      form.elements.at.value = Math.round(at * 1000);
      part("note-at").textContent = clock(at);
    }
  };

  const standing = () => {
    part("play").textContent = video.paused ? words.play : words.pause;
  };

  for (const event of ["timeupdate", "seeked", "durationchange"]) video.addEventListener(event, moved);
  for (const event of ["play", "pause", "ended"]) video.addEventListener(event, standing);
  video.addEventListener("playing", () => report(played.take()));
  for (const event of ["pause", "ended"]) video.addEventListener(event, () => setTimeout(send));
  document.addEventListener("visibilitychange", send);
  part("play").addEventListener("click", toggle);
  part("seek").addEventListener("input", () => go(Number(part("seek").value)));
  part("speed").addEventListener("change", () => (video.playbackRate = Number(part("speed").value)));
  video.addEventListener("loadedmetadata", () => (video.playbackRate = Number(part("speed").value)));
  part("mute").addEventListener("click", () => {
    video.muted = !video.muted;
    part("mute").setAttribute("aria-pressed", String(video.muted));
  });
  part("next-left").addEventListener("click", goToLeft);
  video.addEventListener("click", toggle);
  for (const button of buttons) button.addEventListener("click", () => choose(button));

  setInterval(send, REPORT_MS);
  setInterval(() => {
    const shown = !picture.hidden && !document.hidden && picture.complete && picture.naturalWidth > 0;
    lookedAt = shown ? lookedAt + PICTURE_TICK_MS : 0;
    const file = files.get(current.dataset.sha256);
    if (lookedAt < PICTURE_MS || !file?.left.length) return;
    lookedAt = 0;
    report([[0, PICTURE_MS]]);
  }, PICTURE_TICK_MS);

  // Keys, while the player has the focus and nobody types

  root.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select, textarea, input:not([type=range])")) return;
    const onScreen = target === part("screen");
    const arrows = target.matches("[type=range]") ? {} : { ArrowLeft: () => go(video.currentTime - 0.2), ArrowRight: () => go(video.currentTime + 0.2) };
    const act = {
      k: toggle,
      j: () => go(video.currentTime - 5),
      l: () => go(video.currentTime + 5),
      u: goToLeft,
      n: () => part("note-text")?.focus(),
      ...(onScreen ? { " ": toggle } : {}),
      ...arrows,
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const begin = buttons.find((button) => button.dataset.sha256 === words.beginFile) ?? buttons[0];
  choose(begin, begin.dataset.sha256 === words.beginFile ? Number(words.beginAt) / 1000 : 0);
  call("GET", words.watched)
    .then((found) => found.forEach(keep))
    .catch((error) => tell(error instanceof ApiError ? error.message : words.lost));
}

function decideOnce() {
  const form = part("approve-form");
  form?.addEventListener("submit", () => {
    part("busy").textContent = form.dataset.busy;
    part("approve").disabled = true;
  });
}
