// What is obligatory, and whether it is there already.

import { at } from "./words.js";

export function watchNeeds(form) {
  const rows = [...document.querySelectorAll("[data-need]")];
  const there = { file: () => at("part-footage").dataset.mode === "ready" };
  const look = () => {
    for (const row of rows) {
      const name = row.dataset.need;
      const done = there[name] ? there[name]() : Boolean(form.elements[name].value.trim());
      row.classList.toggle("there", done);
      row.querySelector("[data-said]").textContent = done ? row.dataset.there : row.dataset.missing;
    }
  };
  form.addEventListener("input", look);
  new MutationObserver(look).observe(at("part-footage"), { attributeFilter: ["data-mode"] });
  look();
}
