// How platforms count, as vrijgave/domain/counting.py does: the number on the page while somebody types.

const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /[\p{Cc}\p{Cs}]/gu;

const readable = (text) => text.replace(CONTROL, (c) => (c === "\n" || c === "\t" ? c : "")).replace(TURNS, "");
const LINK_LENGTH = 23;
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const HOST = `(?:${LABEL}\\.)+[a-z]{2,24}`;
const PATH = "(?:[/?#][a-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=%]{0,2000})?";
const END = "(?<![.,:;!?'()\\[\\]])";
const LINK = new RegExp(`https?://${HOST}(?::[0-9]{1,5})?${PATH}${END}`, "gi");
const BARE_LINK = new RegExp(`(?:https?://|(?<![a-z0-9@._-]))${HOST}(?::[0-9]{1,5})?${PATH}${END}`, "gi");
const PICTURE =
  "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935" +
  "\u2b05-\u2b55\u3030\u303d\u3297\u3299\u{1f000}-\u{1f1e5}\u{1f200}-\u{1f3fa}\u{1f400}-\u{1faff}]";
const CHANGED = "[\ufe0f\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]*";
const EMOJI = new RegExp(
  `[\u{1f1e6}-\u{1f1ff}]{2}|[0-9#*]\ufe0f?\u20e3|${PICTURE}${CHANGED}(?:\u200d${PICTURE}${CHANGED})*`,
  "gu",
);
const LIGHT = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];

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

/** What goes out where tags are hashtags below the text, as vrijgave/domain/posts.py makes it. */
export function post(text, tags) {
  const found = new Map();
  for (const tag of tagList(tags)) {
    const words = tag.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
    const name = words.length < 2 ? words.join("") : words.map(capital).join("");
    if (/\p{L}/u.test(name) && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), `#${name}`);
  }
  return [tidy(text), [...found.values()].join(" ")].filter(Boolean).join("\n\n");
}

function capital(word) {
  const [first, ...rest] = [...word];
  return first.toUpperCase() + rest.join("");
}

/** The length of a text in the platform's own unit; of tags, as they were typed. */
export function count(unit, text) {
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  if (unit === "utf16") return text.length;
  if (unit === "graphemes") return graphemes(text);
  if (unit === "linked") return [...text.replace(LINK, "")].length + LINK_LENGTH * (text.match(LINK) ?? []).length;
  if (unit === "weighted") return weighted(text);
  if (unit === "count") return tagList(text).length;
  if (unit === "tags") {
    const tags = tagList(text);
    return tags.reduce((sum, tag) => sum + [...tag].length + (tag.includes(" ") ? 2 : 0), 0) + Math.max(0, tags.length - 1);
  }
  return [...text].length;
}

function graphemes(text) {
  let before = "\n";
  let found = 0;
  for (const character of text.replace(EMOJI, "\u2610")) {
    if (before === "\n" || !/\p{M}/u.test(character)) found += 1;
    before = character;
  }
  return found;
}

function weighted(text) {
  const whole = text.normalize("NFC");
  const linkless = whole.replace(BARE_LINK, "");
  const rest = [...linkless.replace(EMOJI, "")];
  const pictures = (linkless.match(EMOJI) ?? []).length;
  const light = rest.filter((c) => LIGHT.some(([first, last]) => first <= c.codePointAt(0) && c.codePointAt(0) <= last));
  const links = (whole.match(BARE_LINK) ?? []).length;
  return LINK_LENGTH * links + 2 * (pictures + rest.length - light.length) + light.length;
}
