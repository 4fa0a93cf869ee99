// A player that knows which frame is painted. Frame n of the proxy stands from n / rate to (n + 1) / rate, so that
// (n + 0.5) / rate is half a frame away from either neighbour. A frame counts as shown once it is painted
// (requestVideoFrameCallback): at the event "seeked" a busy browser can still hold the picture before.
//
// Events: "frame" (another one is painted), "playing" (plays, stops, or changes its speed).

export const SPEEDS = [0.25, 0.5, 1, 2, 4];
const PATIENCE = 1500; // milliseconds until a seek that painted nothing is made once more

export class Player extends EventTarget {
  /**
   * @param {HTMLVideoElement} video
   * @param {[number, number]} rate frames a second, as a fraction
   * @param {number} frames how many there are
   */
  constructor(video, rate, frames) {
    super();
    this._video = video;
    this._rate = rate;
    this.last = frames - 1;
    this.frame = 0;
    this.speed = 1;
    this._wanted = null;
    this._waiting = [];
    this._timer = 0;
    this._backward = null;
    video.requestVideoFrameCallback((_, facts) => this._painted(facts));
    video.addEventListener("pause", () => this._settle());
    for (const name of ["play", "pause", "ended", "ratechange"]) video.addEventListener(name, () => this._tell("playing"));
  }

  get isPlaying() {
    return !this._video.paused || this._backward !== null;
  }

  get isBackward() {
    return this._backward !== null;
  }

  /** Resolves with the frame once it is painted; a later wish takes the place of an earlier one. */
  show(frame) {
    if (this.isPlaying) this.pause();
    return this._seek(Math.min(Math.max(Math.round(frame), 0), this.last));
  }

  step(by) {
    return this.show((this._wanted ?? this.frame) + by);
  }

  play(speed = this.speed) {
    this._stopBackward();
    this.setSpeed(speed);
    this._wanted = null;
    const start = this.frame >= this.last ? this._seek(0) : Promise.resolve();
    return start.then(() => this._video.play()).catch(() => this._tell("playing"));
  }

  pause() {
    this._stopBackward();
    this._video.pause();
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  setSpeed(speed) {
    this.speed = speed;
    this._video.playbackRate = speed;
    this._tell("playing");
  }

  /** Plays backward by showing one frame after another, as fast as the speed asks and the machine can. */
  playBackward(speed = this.speed) {
    this._video.pause();
    this._stopBackward();
    this.setSpeed(speed);
    const began = { at: performance.now(), frame: this.frame };
    const run = { on: true };
    this._backward = run;
    this._tell("playing");
    const next = async () => {
      while (run.on) {
        const passed = ((performance.now() - began.at) / 1000) * (this._rate[0] / this._rate[1]) * speed;
        const frame = Math.max(0, Math.min(this.frame - 1, Math.round(began.frame - passed)));
        if (this.frame === 0) break;
        await this._seek(frame);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      if (this._backward === run) this.pause();
    };
    next();
  }

  /** Forward, and faster with each time (L); backward likewise (J). */
  faster(forward) {
    const same = forward ? !this._video.paused : this.isBackward;
    const speed = same ? SPEEDS[Math.min(SPEEDS.indexOf(this.speed) + 1, SPEEDS.length - 1)] : 1;
    if (forward) this.play(speed);
    else this.playBackward(speed);
  }

  _seek(frame) {
    if (frame === this.frame && this._wanted === null) return Promise.resolve(frame);
    const promise = new Promise((resolve) => this._waiting.push(resolve));
    const underWay = this._wanted !== null;
    this._wanted = frame;
    if (!underWay) this._send();
    return promise;
  }

  /** One seek at a time: what is wished meanwhile comes after it. */
  _send() {
    this._sent = this._wanted;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._again(), PATIENCE);
    this._video.currentTime = this._middle(this._sent);
  }

  _again() {
    if (this._wanted === null) return;
    this._sent = this._wanted;
    // A player that is already there paints nothing: a little beside it is another time and the same frame.
    this._video.currentTime = this._middle(this._wanted) + (0.1 * this._rate[1]) / this._rate[0];
    this._timer = setTimeout(() => this._again(), PATIENCE);
  }

  _painted({ mediaTime }) {
    this._video.requestVideoFrameCallback((_, facts) => this._painted(facts));
    this.frame = Math.min(Math.round((mediaTime * this._rate[0]) / this._rate[1]), this.last);
    this._tell("frame");
    if (this._wanted === null) return;
    if (this.frame === this._wanted) this._arrived();
    else if (this.frame === this._sent) this._send();
  }

  _arrived() {
    clearTimeout(this._timer);
    this._wanted = null;
    const waiting = this._waiting.splice(0);
    for (const resolve of waiting) resolve(this.frame);
  }

  /** After a pause the clock may stand a little behind what is painted: bring it to the middle of that frame. */
  _settle() {
    if (this._wanted === null && !this._video.ended) this._video.currentTime = this._middle(this.frame);
  }

  _stopBackward() {
    if (!this._backward) return;
    this._backward.on = false;
    this._backward = null;
    this._tell("playing");
  }

  _middle(frame) {
    return ((frame + 0.5) * this._rate[1]) / this._rate[0];
  }

  _tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
