// How platforms count, as vrijgave/description/limits.py does: the number on the page while somebody types.

const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /[\p{Cc}\p{Cs}]/gu;

const readable = (text) => text.replace(CONTROL, (c) => (c === "\n" || c === "\t" ? c : "")).replace(TURNS, "");
const oneLine = (text) => text.split(/\s+/u).filter(Boolean).join(" ");

/** Tags between commas or on lines, each once, whatever its case. */
export function tagList(text) {
  const unique = new Map();
  for (const tag of readable(text).split(/[,\n]/).map(oneLine).filter(Boolean)) {
    if (!unique.has(tag.toLowerCase())) unique.set(tag.toLowerCase(), tag);
  }
  return [...unique.values()];
}

/** Lines without space at their ends, and never more than one empty line. */
export function tidy(text) {
  const lines = readable(text).trim().split("\n").map((line) => line.trimEnd());
  return lines.join("\n").replace(/\n{3,}/g, "\n\n");
}

/** What is kept of one part, as a person typed it. */
export function shaped(field, text) {
  if (field === "title") return oneLine(readable(text));
  return field === "tags" ? tagList(text).join(", ") : tidy(text);
}

/** The length of one part in the platform's own unit. */
export function count(unit, field, text) {
  if (unit === "bytes") return new TextEncoder().encode(shaped(field, text)).length;
  if (unit === "tags") {
    const tags = tagList(text);
    return tags.reduce((sum, tag) => sum + [...tag].length + (tag.includes(" ") ? 2 : 0), 0) + Math.max(0, tags.length - 1);
  }
  return [...shaped(field, text)].length;
}
