// Tabs: arrows go from one to the next, as the pattern of WAI-ARIA has it.

export function tabs(list) {
  const all = [...list.querySelectorAll("[role=tab]")];
  for (const tab of all) {
    tab.addEventListener("click", () => choose(all, tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by || event.shiftKey || event.ctrlKey) return;
      event.preventDefault();
      const next = all[(all.indexOf(tab) + by + all.length) % all.length];
      choose(all, next);
      next.focus();
    });
  }
}

/** Brings the tab with that id to the front. */
export function open(id) {
  const tab = document.getElementById(id);
  choose([...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")], tab);
}

function choose(all, chosen) {
  for (const tab of all) {
    const here = tab === chosen;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !here;
  }
}
