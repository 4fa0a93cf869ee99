// Where a track's box is, and which runs of frames hold one. Boxes are [x1, y1, x2, y2] in pixels of the source.

/** Whether `frame` lies in one of `runs`, [[first, last], …] ascending. */
export function within(runs, frame) {
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (frame < runs[middle][0]) high = middle - 1;
    else if (frame > runs[middle][1]) low = middle + 1;
    else return true;
  }
  return false;
}

/** The box of `track` in `frame`, or null: a straight line between the keys beside it. */
export function boxAt(track, frame) {
  if (frame < track.first || frame > track.last || !within(track.parts, frame)) return null;
  const { keys } = track;
  let low = 0;
  let high = keys.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (keys[middle][0] <= frame) low = middle;
    else high = middle - 1;
  }
  const before = keys[low];
  const after = keys[Math.min(low + 1, keys.length - 1)];
  const share = after[0] > before[0] ? (frame - before[0]) / (after[0] - before[0]) : 0;
  return [1, 2, 3, 4].map((side) => before[side] + (after[side] - before[side]) * share);
}

/** Whether the point lies in the box. */
export const holds = (box, x, y) => x >= box[0] && x < box[2] && y >= box[1] && y < box[3];

export const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);

/** The box with its corners in order, inside a picture of that size, to a tenth of a pixel. */
export function tidy(box, width, height) {
  const [x1, x2] = [Math.min(box[0], box[2]), Math.max(box[0], box[2])];
  const [y1, y2] = [Math.min(box[1], box[3]), Math.max(box[1], box[3])];
  const cut = (value, most) => Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
  return [cut(x1, width), cut(y1, height), cut(x2, width), cut(y2, height)];
}

export const SMALLEST_SIDE = 4;

/** Whether a box is large enough to be taken. */
export const isBox = (box) => box[2] - box[0] >= SMALLEST_SIDE && box[3] - box[1] >= SMALLEST_SIDE;
