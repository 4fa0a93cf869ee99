// What the scripts of this page say: texts come from the page, translated there.

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

export function size(bytes) {
  for (const [unit, factor] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}

// Seconds as minutes:seconds, with tenths.
export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - 60 * minutes).toFixed(1).padStart(4, "0");
  return `${minutes}:${rest}`;
}

// The element with an id; pages and scripts are tested together, so it is there.
export const at = (id) => document.getElementById(id);
