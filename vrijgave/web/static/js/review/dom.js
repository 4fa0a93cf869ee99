// Small helpers for the page's elements. Texts go in as text, never as markup.

const words = JSON.parse(document.getElementById("review-words").dataset.words);

/** The page's text under `key`, in the person's language, with `{name}` filled in. */
export function text(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** The element with that id. */
export const at = (id) => document.getElementById(id);

/** A new element: `make("button", { class: "button", onclick }, "text", other)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Shows `message` where assistive technology reads it out; the same sentence twice is read twice. */
export function say(message) {
  const live = at("live-region");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = message));
}

/** Milliseconds as a moment of the footage: 1:02,480. */
export function clock(ms) {
  const whole = Math.max(0, Math.round(ms));
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60];
  const seconds = `${String(Math.floor(whole / 1000) % 60).padStart(2, "0")},${String(whole % 1000).padStart(3, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** Keeps `work` from running more than once a painted frame. */
export function oncePerFrame(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      work();
    });
  };
}
