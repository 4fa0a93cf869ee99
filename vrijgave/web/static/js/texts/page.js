// Writing the texts: counts while somebody types, keeps each part by itself, and says at any moment what is kept.

import { call } from "../api.js";
import { post, shaped } from "./counting.js";
import { Part } from "./part.js";

const root = document.getElementById("texts");
const said = root.dataset;
const kept = document.getElementById("kept");
const score = document.getElementById("score");

const keep = (body) =>
  call("POST", said.address, { platform: said.platform, language: said.language, ...body });
const present = () =>
  call("GET", `${said.address}?platform=${said.platform}&language=${said.language}`);

const hashtags = "hashtags" in said;
const outside = { keep, present, tell, sent, measured, settled };
const parts = [...root.querySelectorAll("[data-part]")].map((element) => new Part(element, outside));

const named = (field) => parts.find((part) => part.field === field);

/** What goes out of one part: the description with the hashtags below it, where tags are those. */
function sent(field, text) {
  return hashtags && field === "description" ? post(text, named("tags").input.value) : shaped(field, text);
}

/** Hashtags take room from the description. */
function measured(part) {
  if (hashtags && part.field === "tags") named("description").measure();
}

/** What was too long because of the other part may fit now. */
function settled(part) {
  const other = { tags: "description", description: "tags" }[part.field];
  if (hashtags && other && named(other).state === "refused") named(other).save();
}

/** The worst that is true of any part; then how much of the advice is followed. */
function tell() {
  const worst = ["clash", "offline", "refused", "saving", "typing"].find((state) => parts.some((p) => p.state === state));
  const state = worst ?? "saved";
  if (kept.textContent !== said[state]) kept.textContent = said[state];
  kept.dataset.state = state;
  const all = root.querySelectorAll(".advice .followed, .advice .open");
  score.textContent = said.followed
    .replace("{followed}", String(root.querySelectorAll(".advice .followed").length))
    .replace("{all}", String(all.length));
}

window.addEventListener("beforeunload", (event) => {
  if (parts.some((part) => part.state !== "saved")) event.preventDefault();
});

tell();
