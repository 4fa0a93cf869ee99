// Keys of the whole page. They do nothing while somebody types, and can be switched off (WCAG 2.1.4).

import { at } from "./dom.js";

const SWITCH = "vrijgave-keys";
const TYPING = "input:not([type=checkbox]):not([type=range]), textarea, select";

/** @param does {player, actions, overlay, panes, sound, still} */
export function listen({ player, actions, overlay, panes, sound, still }) {
  const keys = {
    " ": () => player.toggle(),
    k: () => player.pause(),
    l: () => player.faster(true),
    j: () => player.faster(false),
    n: () => actions.goTo(1),
    N: () => actions.goTo(-1),
    v: () => actions.seen(),
    m: () => actions.note(),
    b: () => overlay.begin(),
    c: () => actions.cover(),
    s: () => actions.show(),
    x: () => actions.split(),
    e: () => actions.extend(),
    Delete: () => actions.remove(),
    o: () => panes.toggle(),
    p: () => panes.setMode(panes.mode === "beside" ? "opaque" : "beside"),
    i: () => still.open(),
    "[": () => sound.begin(),
    "]": () => sound.end(),
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    "shift ArrowLeft": () => player.step(-10),
    "shift ArrowRight": () => player.step(10),
    Home: () => player.show(0),
    End: () => player.show(player.last),
    "?": () => openHelp(),
  };
  for (const button of document.querySelectorAll("[aria-keyshortcuts]")) button.title = button.getAttribute("aria-keyshortcuts");
  at("keys-on").checked = localStorage.getItem(SWITCH) !== "off";
  at("keys-on").addEventListener("change", () => localStorage.setItem(SWITCH, at("keys-on").checked ? "on" : "off"));
  at("help").addEventListener("click", openHelp);
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const work = event.ctrlKey || event.metaKey ? undoing(event, actions) : plain(event, keys);
    if (!work) return;
    event.preventDefault();
    work();
  });
}

function undoing(event, actions) {
  const key = event.key.toLowerCase();
  if (event.target.matches(TYPING) || event.altKey) return null;
  if (key === "y" || (key === "z" && event.shiftKey)) return () => actions.redo();
  return key === "z" ? () => actions.undo() : null;
}

function plain(event, keys) {
  const { key, target } = event;
  if (event.altKey || !at("keys-on").checked || target.matches(TYPING)) return null;
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (target.matches("input") && (moves || key === " ")) return null;
  if (target.matches("[role=tab]") && key.startsWith("Arrow") && !event.shiftKey) return null;
  if (key === " " && target.matches("button, a, summary")) return null;
  const name = event.shiftKey && key.startsWith("Arrow") ? `shift ${key}` : key;
  return keys[name] ?? (event.shiftKey ? null : keys[key.toLowerCase()]) ?? null;
}

function openHelp() {
  at("help-dialog").showModal();
}
