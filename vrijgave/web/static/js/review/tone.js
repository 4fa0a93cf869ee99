// The tone that stands in for sound, in the preview of what goes out.

const HERTZ = 1000;
const LOUDNESS = 0.15;

export class Tone {
  constructor() {
    this._context = null;
    this._gain = null;
  }

  /** Heard or not; the first time it has to follow an act of the person, as browsers ask. */
  set(on) {
    if (!on && !this._context) return;
    if (!this._context) this._make();
    this._gain.gain.value = on ? LOUDNESS : 0;
  }

  _make() {
    this._context = new AudioContext();
    this._gain = this._context.createGain();
    const source = this._context.createOscillator();
    source.frequency.value = HERTZ;
    source.connect(this._gain).connect(this._context.destination);
    source.start();
  }
}
