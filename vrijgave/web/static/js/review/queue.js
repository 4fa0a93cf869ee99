// «Look here first»: the doubtful moments, riskiest first, each to be marked as looked at.

import { at, clock, make, text } from "./dom.js";
import { nameOf } from "./store.js";

export class Queue {
  constructor(store, actions) {
    Object.assign(this, { store, actions });
    at("queue-next").addEventListener("click", () => actions.goTo(1));
    at("queue-previous").addEventListener("click", () => actions.goTo(-1));
    at("queue-seen").addEventListener("click", () => actions.seen());
    for (const name of ["state", "view"]) store.addEventListener(name, () => this._fill());
    store.addEventListener("selection", () => this._mark());
  }

  _fill() {
    const { uncertain } = this.store;
    const left = uncertain.filter((span) => !this.store.isDone(span)).length;
    at("queue-count").textContent = uncertain.length ? text("queue-count", { left, all: uncertain.length }) : text("queue-empty");
    at("queue-bar").max = Math.max(1, uncertain.length);
    at("queue-bar").value = uncertain.length - left;
    const mark = JSON.stringify(uncertain.map((span) => [nameOf(span), span.risk, this.store.isDone(span)]));
    if (mark !== this._shown) {
      this._shown = mark;
      const focused = document.activeElement?.closest("#queue li")?.dataset.name;
      at("queue").replaceChildren(...uncertain.map((span) => this._item(span)));
      if (focused) at("queue").querySelector(`[data-name="${CSS.escape(focused)}"] .go`)?.focus();
    }
    this._mark();
  }

  _item(span) {
    const { store } = this;
    const track = store.tracks.get(span.track);
    const done = store.isDone(span);
    const when = clock(store.timeOf(span.frame));
    const go = make(
      "button",
      { class: "go", type: "button", onclick: () => this.actions.look(span) },
      picture(track),
      make(
        "span",
        { class: "lines" },
        make("strong", {}, span.words),
        make("span", { class: "when" }, track ? `${text(`kind-${track.kind}`)} ${track.id} · ${when}` : when),
        risk(span.risk),
      ),
    );
    const tick = make("input", { type: "checkbox", checked: done, "aria-label": text("mark-seen", { words: span.words, track: span.track }) });
    tick.addEventListener("change", () => store.setDone(span, tick.checked));
    return make("li", { "data-name": nameOf(span), class: done ? "done" : "" }, go, make("label", { class: "seen" }, tick));
  }

  _mark() {
    const name = this.store.span ? nameOf(this.store.span) : "";
    for (const item of at("queue").children) {
      const here = item.dataset.name === name;
      item.classList.toggle("here", here);
      item.querySelector(".go").setAttribute("aria-current", String(here));
      if (here) reveal(at("queue"), item);
    }
  }
}

/** Scrolls the list, and not the page, until `item` is in sight. */
function reveal(list, item) {
  const [top, bottom] = [item.offsetTop - list.offsetTop, item.offsetTop - list.offsetTop + item.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

/** The track at its clearest. */
export function picture(track) {
  const hold = make("span", { class: "thumb", "aria-hidden": "true" });
  if (track?.thumb) {
    const image = make("img", { src: track.thumb, alt: "", loading: "lazy" });
    image.addEventListener("error", () => image.remove());
    hold.append(image);
  }
  return hold;
}

/** In words and in three strokes. */
function risk(value) {
  const level = value >= 0.4 ? "high" : value >= 0.15 ? "middle" : "low";
  return make("span", { class: `risk ${level}` }, make("i"), make("i"), make("i"), text(`risk-${level}`));
}
