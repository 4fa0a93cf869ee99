// Handing in: the file, who is the suspect, and keeping what was typed.

import { Footage } from "./footage.js";
import { Keeper } from "./keeper.js";
import { Marking } from "./marking.js";
import { watchNeeds } from "./needs.js";
import { at } from "./words.js";

const config = JSON.parse(at("hand-in").dataset.config);
const form = at("facts");
const marking = new Marking(config, () => keeper.marksChanged());
const keeper = new Keeper(config, form, () => marking.marks());
const footage = new Footage(config, (upload, marks) => marking.show(upload, marks));

watchNeeds(form);

const summary = at("summary");
if (summary) summary.focus();

let handedIn = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (handedIn || footage.holdsUp()) return;
  handedIn = true; // a second click sends nothing; the service makes one release of it anyway
  at("send").setAttribute("aria-disabled", "true");
  if (await keeper.flush()) {
    form.submit();
    return;
  }
  handedIn = false;
  at("send").removeAttribute("aria-disabled");
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the next page: ask the service how things stand
});
