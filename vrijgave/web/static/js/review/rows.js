// A long list of which only the rows in sight exist: twenty thousand are as quick as five.

import { oncePerFrame } from "./dom.js";

const SPARE = 4;

export class Rows {
  /**
   * @param {HTMLElement} list what scrolls; its only child holds the rows
   * @param {number} height of a row, in pixels
   * @param {{name: (item) => string, make: (item) => HTMLElement, update: (row, item, place) => void}} how
   */
  constructor(list, height, how) {
    Object.assign(this, { list, height, how });
    this._inner = list.firstElementChild;
    this._items = [];
    this._there = new Map();
    const soon = oncePerFrame(() => this.fill());
    list.addEventListener("scroll", soon);
    new ResizeObserver(soon).observe(list);
  }

  /** Other items; rows of those that stay are kept, and with them the focus. */
  set(items) {
    this._items = items;
    this._inner.style.height = `${items.length * this.height}px`;
    this.fill();
  }

  /** Scrolls the list, and not the page, until the row is in sight. */
  reveal(place) {
    if (place < 0) return;
    const { scrollTop, clientHeight } = this.list;
    const top = place * this.height;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.list.scrollTop = top + this.height - clientHeight;
    this.fill();
  }

  fill() {
    const { scrollTop, clientHeight } = this.list;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - SPARE);
    const stop = Math.min(this._items.length, Math.ceil((scrollTop + clientHeight) / this.height) + SPARE);
    const wanted = this._items.slice(first, stop);
    const names = new Set(wanted.map(this.how.name));
    for (const [name, row] of this._there) {
      if (names.has(name)) continue;
      row.remove();
      this._there.delete(name);
    }
    wanted.forEach((item, number) => this._put(item, first + number, number));
  }

  _put(item, place, number) {
    const name = this.how.name(item);
    const row = this._there.get(name) ?? this.how.make(item);
    this._there.set(name, row);
    row.style.top = `${place * this.height}px`;
    this.how.update(row, item, place);
    if (this._inner.children[number] !== row) this._inner.insertBefore(row, this._inner.children[number] ?? null);
  }
}
