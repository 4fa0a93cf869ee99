// Painting the timeline on a canvas. A covered stretch is a full bar, a shown one is open with a dashed rim and the word;
// doubtful stretches are hatched; nothing is told by colour alone.

import { clock, text } from "./dom.js";

export const LANE = 22;
const RULER = 34;
const AUDIO = 44;
const LABELS = 148;
const FONT = '13px "Source Sans Pro", system-ui, sans-serif';
const SMALL = '12px "Source Sans Pro", system-ui, sans-serif';
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 1200000];

/** Where the parts lie, in pixels of the screen. */
export function layout(width, height, heard) {
  const audio = { top: RULER, height: heard ? AUDIO : 0 };
  const top = RULER + audio.height;
  return { width, height, left: LABELS, ruler: { height: RULER }, audio, lanes: { top, height: Math.max(0, height - top) } };
}

/** The page's colours; read again when the scheme changes. */
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["surface", "sunken", "ink", "ink-soft", "line", "line-strong", "action", "focus", "waiting", "working", "working-soft", "failed"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** @param line the timeline: first, span, top, lanes, x(frame), store, player, sound, preview */
export function paintTimeline(pen, line, space, colours) {
  pen.fillStyle = colours.surface;
  pen.fillRect(0, 0, space.width, space.height);
  pen.textBaseline = "middle";
  lanes(pen, line, space, colours);
  if (space.audio.height) audio(pen, line, space, colours);
  ruler(pen, line, space, colours);
  outsideTrim(pen, line, space, colours);
  playhead(pen, line, space, colours);
}

function lanes(pen, line, space, colours) {
  const { top, height } = space.lanes;
  pen.save();
  clip(pen, 0, top, space.width, height);
  const from = Math.floor(line.top / LANE);
  const to = Math.min(line.lanes.length, Math.ceil((line.top + height) / LANE));
  for (let number = from; number < to; number += 1) {
    lane(pen, line, space, colours, line.lanes[number], top + number * LANE - line.top);
  }
  pen.restore();
  if (!line.lanes.length) words(pen, text("no-tracks"), 12, top + 18, colours["ink-soft"], FONT);
}

function lane(pen, line, space, colours, track, y) {
  const chosen = track.id === line.store.selected;
  if (chosen) fill(pen, colours["working-soft"], 0, y, space.width, LANE);
  fill(pen, colours.line, 0, y + LANE - 1, space.width, 1);
  const name = `${text(`kind-${track.kind}`)} ${track.id}`;
  words(pen, name, chosen ? 18 : 12, y + LANE / 2, colours.ink, FONT);
  if (chosen) words(pen, "▸", 5, y + LANE / 2, colours.ink, FONT);
  if (track.shown) words(pen, text("shown-label"), 96, y + LANE / 2, colours["ink-soft"], SMALL);
  pen.save();
  clip(pen, space.left, y, space.width - space.left, LANE);
  for (const [first, last] of track.parts) bar(pen, line, y, first, last, colours["line-strong"]);
  for (const [first, last] of track.shown ? track.shown_in : []) openBar(pen, line, y, first, last, colours);
  for (const span of line.store.doubtsOf(track.id)) doubt(pen, line, y, span, colours);
  for (const frame of track.placed ?? []) diamond(pen, line.x(frame + 0.5), y + LANE / 2 - 0.5, colours);
  pen.restore();
}

function bar(pen, line, y, first, last, colour) {
  const [x, end] = [line.x(first), line.x(last + 1)];
  fill(pen, colour, x, y + 5, Math.max(1.5, end - x), LANE - 11);
}

function openBar(pen, line, y, first, last, colours) {
  const [x, end] = [line.x(first), line.x(last + 1)];
  fill(pen, colours.surface, x, y + 5, Math.max(1.5, end - x), LANE - 11);
  pen.setLineDash([4, 3]);
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.ink;
  pen.strokeRect(x + 1, y + 5.75, Math.max(1, end - x - 2), LANE - 12.5);
  pen.setLineDash([]);
  if (end - x > 56) words(pen, text("shown-label"), Math.max(x, line.x(line.first)) + 6, y + LANE / 2, colours.ink, SMALL);
}

function doubt(pen, line, y, span, colours) {
  const [x, end] = [line.x(span.first), Math.max(line.x(span.last + 1), line.x(span.first) + 4)];
  const chosen = line.store.span === span;
  pen.save();
  clip(pen, x, y + 2, end - x, LANE - 5);
  fill(pen, colours.surface, x, y + 2, end - x, LANE - 5);
  pen.strokeStyle = colours.waiting;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (let at = Math.max(x, line.x(line.first)) - LANE; at < Math.min(end, line.x(line.first + line.span)); at += 6) {
    pen.moveTo(at, y + LANE);
    pen.lineTo(at + LANE, y);
  }
  pen.stroke();
  pen.restore();
  pen.strokeStyle = colours.waiting;
  pen.lineWidth = chosen ? 2.5 : 1;
  pen.strokeRect(x + 0.5, y + 2.5, end - x - 1, LANE - 6);
  pen.font = SMALL;
  const width = pen.measureText(span.words).width;
  const said = end - x > width + 12 ? span.words : end - x > 16 ? "?" : "";
  if (!said) return;
  const wide = said === "?" ? 8 : width;
  fill(pen, colours.surface, x + 3, y + 4, wide + 5, LANE - 9);
  words(pen, said, x + 5, y + LANE / 2, colours.waiting, SMALL);
}

function diamond(pen, x, y, colours) {
  pen.beginPath();
  pen.moveTo(x, y - 4);
  pen.lineTo(x + 4, y);
  pen.lineTo(x, y + 4);
  pen.lineTo(x - 4, y);
  pen.closePath();
  pen.fillStyle = colours.surface;
  pen.fill();
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1.5;
  pen.stroke();
}

const SOUNDS = { mute: "×", keep: "♪", bleep: "~" };

function audio(pen, line, space, colours) {
  const { top, height } = space.audio;
  fill(pen, colours.sunken, 0, top, space.width, height);
  words(pen, text("sound-lane"), 12, top + height / 2, colours.ink, FONT);
  pen.save();
  clip(pen, space.left, top, space.width - space.left, height);
  waveform(pen, line, space, colours);
  for (const stretch of line.store.sound) {
    const first = line.store.frameAt(stretch.start_ms);
    const stop = stretch.stop_ms === null ? line.store.video.frames : line.store.frameAt(stretch.stop_ms - 1) + 1;
    const [x, end] = [line.x(first), line.x(stop)];
    if (end < space.left || x > space.width) continue;
    if (stretch.sound === "mute") veil(pen, x, top, end - x, height, colours, 8);
    if (stretch.sound === "bleep") veil(pen, x, top, end - x, height, colours, 3);
    fill(pen, colours["line-strong"], x, top, 1, height);
    const said = `${SOUNDS[stretch.sound]} ${text(`sound-${stretch.sound}`)}`;
    const at = Math.max(x, space.left) + 4;
    pen.font = SMALL;
    const width = pen.measureText(said).width;
    if (Math.min(end, space.width) - at > width + 8) {
      fill(pen, colours.surface, at, top + 3, width + 8, 16);
      words(pen, said, at + 4, top + 11, colours.ink, SMALL);
    }
  }
  const { chosen } = line.sound;
  if (chosen) {
    pen.strokeStyle = colours.focus;
    pen.lineWidth = 2;
    pen.strokeRect(line.x(chosen.first) + 1, top + 1, Math.max(2, line.x(chosen.last + 1) - line.x(chosen.first) - 2), height - 2);
  }
  pen.restore();
}

function waveform(pen, line, space, colours) {
  const { top, height } = space.audio;
  const middle = top + height / 2;
  const { rate } = line.store.video;
  const perFrame = rate[1] / rate[0];
  const seconds = (x) => (line.first + ((x - space.left) / (space.width - space.left)) * line.span) * perFrame;
  pen.fillStyle = colours.action;
  for (let x = space.left; x < space.width; x += 2) {
    const [low, high] = line.sound.peak(seconds(x), seconds(x + 2));
    const half = height / 2 - 3;
    pen.fillRect(x, middle - high * half, 1.5, Math.max(1, (high - low) * half));
  }
}

/** Lines over sound that is not heard: wide apart for silence, close for a tone. */
function veil(pen, x, y, width, height, colours, step) {
  pen.save();
  clip(pen, x, y, width, height);
  pen.globalAlpha = 0.72;
  fill(pen, colours.sunken, x, y, width, height);
  pen.globalAlpha = 0.8;
  pen.fillStyle = colours["ink-soft"];
  for (let row = y + step / 2; row < y + height; row += step) pen.fillRect(x, row, width, 0.6);
  pen.restore();
}

function ruler(pen, line, space, colours) {
  fill(pen, colours.surface, 0, 0, space.width, RULER);
  fill(pen, colours.line, 0, RULER - 1, space.width, 1);
  pen.save();
  clip(pen, space.left, 0, space.width - space.left, RULER);
  const { rate } = line.store.video;
  const msPerPixel = (line.span * 1000 * rate[1]) / rate[0] / (space.width - space.left);
  const step = STEPS.find((ms) => ms / msPerPixel > 76) ?? STEPS.at(-1);
  const begin = Math.floor(line.store.timeOf(Math.floor(line.first)) / step) * step;
  const end = line.store.timeOf(Math.min(line.store.lastFrame, Math.ceil(line.first + line.span)));
  for (let ms = begin; ms <= end; ms += step) {
    const x = line.x(line.store.frameAt(ms));
    fill(pen, colours["line-strong"], x, RULER - 8, 1, 8);
    words(pen, step >= 1000 ? clock(ms).slice(0, -4) : clock(ms), x + 4, RULER - 10, colours["ink-soft"], SMALL);
  }
  for (const note of line.store.notes) flag(pen, line, note, colours);
  pen.restore();
}

function flag(pen, line, note, colours) {
  const x = line.x(note.frame + 0.5);
  fill(pen, colours.ink, x, 2, 1.5, RULER - 4);
  pen.beginPath();
  pen.moveTo(x + 1, 2);
  pen.lineTo(x + 24, 2);
  pen.lineTo(x + 19, 8.5);
  pen.lineTo(x + 24, 15);
  pen.lineTo(x + 1, 15);
  pen.closePath();
  pen.fillStyle = note.open ? colours.ink : colours.surface;
  pen.fill();
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1;
  pen.stroke();
  words(pen, `${note.number}${note.open ? "" : "✓"}`, x + 4, 9, note.open ? colours.surface : colours.ink, SMALL);
}

function outsideTrim(pen, line, space, colours) {
  const { trim, lastFrame } = line.store;
  const begin = line.preview?.begin ?? trim?.first ?? 0;
  const end = line.preview?.end ?? trim?.last ?? lastFrame;
  pen.save();
  clip(pen, space.left, 0, space.width - space.left, space.height);
  pen.globalAlpha = 0.55;
  fill(pen, colours.sunken, line.x(0), RULER, line.x(begin) - line.x(0), space.height);
  fill(pen, colours.sunken, line.x(end + 1), RULER, line.x(lastFrame + 1) - line.x(end + 1), space.height);
  pen.globalAlpha = 1;
  for (const [x, side] of [[line.x(begin), 1], [line.x(end + 1), -1]]) {
    fill(pen, colours.ink, side > 0 ? x : x - 3, RULER - 14, 3, 14);
    fill(pen, colours.ink, side > 0 ? x : x - 8, RULER - 14, 8, 3);
    fill(pen, colours.ink, side > 0 ? x : x - 8, RULER - 3, 8, 3);
  }
  pen.restore();
}

function playhead(pen, line, space, colours) {
  const x = line.x(line.player.frame + 0.5);
  if (x < space.left || x > space.width) return;
  fill(pen, colours.failed, x - 1, 0, 2, space.height);
  pen.beginPath();
  pen.moveTo(x - 6, 0);
  pen.lineTo(x + 6, 0);
  pen.lineTo(x, 9);
  pen.closePath();
  pen.fill();
}

function fill(pen, colour, x, y, width, height) {
  pen.fillStyle = colour;
  pen.fillRect(x, y, width, height);
}

function words(pen, what, x, y, colour, font) {
  pen.font = font;
  pen.fillStyle = colour;
  pen.fillText(what, x, y);
}

function clip(pen, x, y, width, height) {
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
}
