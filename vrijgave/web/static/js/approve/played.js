// @ts-check
// Which stretches of a video were really on the screen: from one painted picture to the next, at most at twice its pace,
// while the page could be seen.

export const FASTEST = 2;
const SLACK = 0.25; // seconds by which two painted pictures may lie further apart than the clock says

export class Played {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    this.from = -1; // of the stretch that is being played, in seconds; -1: none is
    this.to = -1;
    this.paintedAt = 0;
    /** @type {[number, number][]} */
    this.done = [];
    video.addEventListener("playing", () => this.begin());
    for (const event of ["seeking", "pause", "waiting", "ratechange", "emptied"]) {
      video.addEventListener(event, () => this.close());
    }
    document.addEventListener("visibilitychange", () => this.close());
    this.listen();
  }

  counts() {
    const { video } = this;
    return !video.paused && !video.seeking && video.playbackRate <= FASTEST && !document.hidden;
  }

  begin() {
    this.close();
    if (!this.counts()) return;
    this.from = this.to = this.video.currentTime;
    this.paintedAt = performance.now();
  }

  listen() {
    this.video.requestVideoFrameCallback((now, picture) => {
      this.painted(now, picture.mediaTime);
      this.listen();
    });
  }

  /** @param {number} now milliseconds  @param {number} at seconds of the video */
  painted(now, at) {
    if (!this.counts()) return;
    const passed = ((now - this.paintedAt) / 1000) * this.video.playbackRate;
    if (this.from < 0 || at < this.to - SLACK || at - this.to > passed + SLACK) {
      this.begin();
      return;
    }
    this.to = Math.max(this.to, at);
    this.paintedAt = now;
  }

  close() {
    if (this.from < 0) return;
    // The last picture stands until the end.
    if (this.video.ended) this.to = this.video.duration;
    if (this.to > this.from) this.done.push([this.from, this.to]);
    this.from = this.to = -1;
  }

  /** What was played since the last time, in milliseconds; it is handed out once. */
  take() {
    const found = this.done.splice(0);
    if (this.from >= 0 && this.to > this.from) {
      found.push([this.from, this.to]);
      this.from = this.to;
    }
    return found.map(([from, to]) => [Math.floor(from * 1000), Math.ceil(to * 1000)]);
  }
}
