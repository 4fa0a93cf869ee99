// A closer look at some of the days: buttons, since dragging is not for all hands.

const FEWEST_DAYS = 7;
const DAY = 86400000;

export class Zoom {
  constructor(figure, room, plotly) {
    Object.assign(this, { room, plotly });
    this.all = this.range();
    const tools = figure.querySelector(".chart-tools");
    tools.hidden = false;
    const actions = {
      closer: () => this.around(0.5),
      wider: () => this.around(2),
      before: () => this.aside(-0.5),
      after: () => this.aside(0.5),
      all: () => this.show(this.all),
    };
    for (const button of tools.querySelectorAll("button")) {
      button.addEventListener("click", actions[button.dataset.zoom]);
    }
  }

  range() {
    return this.room.layout.xaxis.range.map((day) => Date.parse(day));
  }

  around(times) {
    const [from, to] = this.range();
    const [middle, half] = [(from + to) / 2, Math.max((to - from) * times, FEWEST_DAYS * DAY) / 2];
    this.show([middle - half, middle + half]);
  }

  aside(share) {
    const [from, to] = this.range();
    const step = (to - from) * share;
    const bounded = Math.min(Math.max(step, this.all[0] - from), this.all[1] - to);
    this.show([from + bounded, to + bounded]);
  }

  show([from, to]) {
    const range = [Math.max(from, this.all[0]), Math.min(to, this.all[1])];
    this.plotly.relayout(this.room, { "xaxis.range": range.map((at) => new Date(at).toISOString()) });
  }
}
