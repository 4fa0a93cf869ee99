// Pointing out the suspect: a still of the file, a box on it by pointer or keyboard, and how the person looks.

import { at, clock, fill } from "./words.js";

const SMALLEST = 4; // pixels of the footage, as the service asks
const STEP = 0.01; // of the picture's width, for one press of an arrow key
const STAGE_HEIGHT = 32; // rem at most
const SLIDE_WAIT = 120;

export class Marking {
  constructor(config, changed) {
    this.config = config;
    this.changed = changed;
    this.people = [];
    this.current = 0;
    this.video = null;
    this.drag = null;
    this.listen();
  }

  marks() {
    return this.people.filter((person) => person.box).map((person) => ({ ...person }));
  }

  // The file is complete (or gone): show the first frame, or whom the draft has pointed out.
  show(upload, marks) {
    this.video = upload && upload.video;
    this.people = marks.map((mark) => ({ ...mark }));
    this.current = 0;
    at("marking").hidden = !this.video;
    at("mark-wait").hidden = Boolean(this.video);
    if (!this.video) return;
    const slider = at("frame");
    slider.max = this.video.frames - 1;
    const { width, height } = this.video;
    at("picture").style.aspectRatio = `${width} / ${height}`;
    at("picture").style.maxWidth = `${(STAGE_HEIGHT * width) / height}rem`;
    this.choose(0);
  }

  get person() {
    return this.people[this.current];
  }

  listen() {
    const slider = at("frame");
    slider.addEventListener("input", () => this.slide(Number(slider.value)));
    for (const button of document.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.slide(Number(slider.value) + Number(button.dataset.step)));
    }
    at("description").addEventListener("input", (event) => this.edit({ description: event.target.value }));
    at("minor").addEventListener("change", (event) => this.edit({ minor: event.target.checked }));
    at("another").addEventListener("click", () => this.add());
    const image = new Image();
    image.alt = ""; // what it shows is for the eye; the box is told in words
    image.draggable = false;
    at("picture").prepend(image);
    this.image = image;
    image.addEventListener("load", () => this.loaded(true));
    image.addEventListener("error", () => this.loaded(false));
    const stage = at("picture");
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.release(event));
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  // Person `index`, or a place for one who is not drawn yet.
  choose(index) {
    this.current = index;
    if (!this.person) this.people[index] = { frame: Number(at("frame").value) || 0, box: null, description: "", minor: false };
    at("description").value = this.person.description;
    at("minor").checked = this.person.minor;
    this.load(this.person.frame);
    this.list();
  }

  add() {
    if (this.people.length < this.config.most_marks && this.person.box) this.choose(this.people.length);
    at("picture").focus();
  }

  edit(values) {
    Object.assign(this.person, values);
    if (this.person.box) this.changed();
  }

  slide(frame) {
    const bounded = Math.max(0, Math.min(this.video.frames - 1, frame));
    at("frame").value = bounded;
    this.told(bounded);
    clearTimeout(this.sliding);
    // From here on nothing can be drawn on the still before, whose frame is no longer told.
    this.wanted = bounded;
    at("picture-wait").hidden = this.shown === bounded;
    if (this.shown === bounded && !this.loading) this.draw();
    else this.sliding = setTimeout(() => this.load(bounded), SLIDE_WAIT);
  }

  told(frame) {
    const { words } = this.config;
    const time = clock((frame * this.video.seconds) / this.video.frames);
    const text = fill(words.frame, { frame, last: this.video.frames - 1, time });
    at("frame-said").textContent = text;
    at("frame").setAttribute("aria-valuetext", text);
  }

  // One still at a time: while one is on its way, only the last that was asked for comes after it.
  load(frame) {
    at("frame").value = frame;
    this.told(frame);
    this.wanted = frame;
    if (this.loading) return;
    this.loading = true;
    at("picture-wait").hidden = false;
    this.asked = frame;
    this.image.src = `${this.config.urls.still}${frame}`;
    this.draw();
  }

  async loaded(good) {
    this.loading = false;
    if (this.video && this.wanted !== this.asked) {
      this.load(this.wanted);
      return;
    }
    at("picture-wait").hidden = true;
    const bad = at("picture-bad");
    bad.hidden = good;
    this.shown = good ? this.asked : null;
    this.draw();
    if (good) return;
    const answer = await fetch(this.image.src).catch(() => null);
    const told = answer && !answer.ok ? await answer.json().catch(() => null) : null;
    bad.textContent = told ? told.message : this.config.words.offline;
  }

  // Where the pointer is, in pixels of the footage.
  place(event) {
    const edge = at("picture").getBoundingClientRect();
    const x = ((event.clientX - edge.left) / edge.width) * this.video.width;
    const y = ((event.clientY - edge.top) / edge.height) * this.video.height;
    return [Math.max(0, Math.min(this.video.width, x)), Math.max(0, Math.min(this.video.height, y))];
  }

  press(event) {
    if (event.button !== 0 || this.shown !== this.wanted) return;
    event.preventDefault();
    at("picture").focus();
    at("picture").setPointerCapture(event.pointerId);
    const [x, y] = this.place(event);
    const inside = this.visible() && x > this.person.box[0] && x < this.person.box[2] && y > this.person.box[1] && y < this.person.box[3];
    this.drag = inside ? { from: [x, y], box: [...this.person.box] } : { from: [x, y], box: null };
  }

  move(event) {
    if (!this.drag) return;
    const [x, y] = this.place(event);
    const [x0, y0] = this.drag.from;
    if (this.drag.box) this.put(shifted(this.drag.box, x - x0, y - y0, this.video));
    else this.put([Math.min(x0, x), Math.min(y0, y), Math.max(x0, x), Math.max(y0, y)], true);
  }

  release() {
    if (!this.drag) return;
    this.drag = null;
    const { box } = this.person;
    if (box && !large(box)) this.person.box = null;
    this.settled();
  }

  key(event) {
    if (this.shown !== this.wanted) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (event.key === "Enter" && !this.visible()) {
      const { width, height } = this.video;
      this.put([width * 0.4, height * 0.25, width * 0.6, height * 0.75]);
    } else if ((event.key === "Delete" || event.key === "Backspace") && this.visible()) {
      this.person.box = null;
      this.draw();
    } else if (arrow && this.visible()) {
      const step = Math.max(1, Math.round(this.video.width * STEP));
      const [dx, dy] = [arrow[0] * step, arrow[1] * step];
      this.put(event.shiftKey ? grown(this.person.box, dx, dy, this.video) : shifted(this.person.box, dx, dy, this.video));
    } else return;
    event.preventDefault();
    this.settled();
  }

  // The box belongs to the frame that is shown.
  visible() {
    return Boolean(this.person && this.person.box) && this.person.frame === this.shown;
  }

  put(box, anySize = false) {
    if (!anySize && !large(box)) return;
    this.person.box = box;
    this.person.frame = this.shown;
    this.draw();
  }

  draw() {
    const mark = at("marked");
    const { person, video } = this;
    mark.hidden = !(person && person.box && person.frame === this.asked);
    if (mark.hidden) return;
    const [x0, y0, x1, y1] = person.box;
    mark.style.left = `${(100 * x0) / video.width}%`;
    mark.style.top = `${(100 * y0) / video.height}%`;
    mark.style.width = `${(100 * (x1 - x0)) / video.width}%`;
    mark.style.height = `${(100 * (y1 - y0)) / video.height}%`;
  }

  settled() {
    const { words } = this.config;
    const { box } = this.person;
    const share = (value, whole) => Math.round((100 * value) / whole);
    const { width, height } = this.video;
    at("picture-said").textContent = box
      ? fill(words.box, {
          left: share(box[0], width),
          top: share(box[1], height),
          width: share(box[2] - box[0], width),
          height: share(box[3] - box[1], height),
        })
      : words.no_box;
    this.draw();
    this.list();
    this.changed();
  }

  // Whom the draft points out; each leads back to its frame.
  list() {
    const { words } = this.config;
    const time = (frame) => clock((frame * this.video.seconds) / this.video.frames);
    const rows = this.people.map((person, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "person-mark";
      button.setAttribute("aria-pressed", String(index === this.current));
      const where = person.box ? ` · ${fill(words.at, { frame: person.frame, time: time(person.frame) })}` : "";
      button.textContent = fill(words.person, { number: index + 1 }) + where;
      button.addEventListener("click", () => this.choose(index));
      const row = document.createElement("li");
      row.append(button);
      return row;
    });
    at("people").replaceChildren(...rows);
    at("another").hidden = !this.person.box || this.people.length >= this.config.most_marks;
  }
}

const large = (box) => box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST;

function shifted(box, dx, dy, video) {
  const x = Math.max(-box[0], Math.min(video.width - box[2], dx));
  const y = Math.max(-box[1], Math.min(video.height - box[3], dy));
  return [box[0] + x, box[1] + y, box[2] + x, box[3] + y];
}

function grown(box, dx, dy, video) {
  return [box[0], box[1], Math.min(video.width, box[2] + dx), Math.min(video.height, box[3] + dy)];
}
