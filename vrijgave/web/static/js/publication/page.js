// Says the state aloud when it changes: the part that a live update replaces cannot do that itself.

const said = document.getElementById("said");
const state = () => [...document.querySelectorAll("#ledger .state")].map((each) => each.textContent).join(", ");
let before = state();

document.addEventListener("htmx:afterSwap", () => {
  const now = state();
  if (now !== before) said.textContent = now;
  before = now;
});
