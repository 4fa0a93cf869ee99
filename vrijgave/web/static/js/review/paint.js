// How boxes look over the picture. Outlines are light within dark, so that they stand out on any footage; what tells
// kinds and states apart is always a sign or a word too.

import { text } from "./dom.js";

export const COVER = "#484848";
const DARK = "#0b1016";
const LIGHT = "#ffffff";
const SHOWN = "#ffd84d";
const CHOSEN = "#6fc3ff";
const DRAWN = "#ffb3ec";
const FONT = '600 12px "Source Sans Pro", system-ui, sans-serif';

/** Draws one box of a track. `view`: {x, y} scale from source to screen, opaque, labels. */
export function paintTrack(pen, track, box, view, { shown, doubt, chosen }) {
  const [x, y, width, height] = onScreen(box, view);
  if (view.opaque && !shown) {
    pen.fillStyle = COVER;
    pen.fillRect(x, y, width, height);
  }
  if (!view.labels) return;
  if (doubt) hatch(pen, x, y, width, height);
  if (!view.opaque || shown || chosen) outline(pen, x, y, width, height, chosen ? CHOSEN : shown ? SHOWN : LIGHT, shown ? [7, 5] : []);
  label(pen, x, y, nameOf(track, shown, doubt), shown ? SHOWN : LIGHT);
}

/** A box that is no track: drawn just now, on its way to be followed, or the mark of a note. */
export function paintMark(pen, box, view, words) {
  const [x, y, width, height] = onScreen(box, view);
  outline(pen, x, y, width, height, DRAWN, [3, 4]);
  if (words) label(pen, x, y + height + 20, words, DRAWN);
}

/** A frame of which nothing shows. */
export function paintWhole(pen, width, height, words) {
  pen.fillStyle = COVER;
  pen.fillRect(0, 0, width, height);
  if (words) label(pen, width / 2 - 90, height / 2, words, LIGHT);
}

function nameOf(track, shown, doubt) {
  const kind = text(`short-${track.kind}`);
  return `${kind} ${track.id}${shown ? ` ${text("shown-label")}` : ""}${doubt ? " ?" : ""}`;
}

function onScreen([x1, y1, x2, y2], { x, y }) {
  return [x1 * x, y1 * y, (x2 - x1) * x, (y2 - y1) * y];
}

function outline(pen, x, y, width, height, colour, dashes) {
  pen.setLineDash([]);
  pen.lineWidth = 4;
  pen.strokeStyle = DARK;
  pen.strokeRect(x, y, width, height);
  pen.setLineDash(dashes);
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.strokeRect(x, y, width, height);
  pen.setLineDash([]);
}

function label(pen, x, y, words, colour) {
  pen.font = FONT;
  const width = pen.measureText(words).width + 10;
  const top = y > 20 ? y - 19 : y + 2;
  pen.fillStyle = "rgb(11 16 22 / 85%)";
  pen.fillRect(x - 1, top, width, 17);
  pen.fillStyle = colour;
  pen.textBaseline = "middle";
  pen.fillText(words, x + 4, top + 9);
}

function hatch(pen, x, y, width, height) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = "rgb(255 255 255 / 55%)";
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let at = -height; at < width; at += 9) {
    pen.moveTo(x + at, y + height);
    pen.lineTo(x + at + height, y);
  }
  pen.stroke();
  pen.restore();
}
