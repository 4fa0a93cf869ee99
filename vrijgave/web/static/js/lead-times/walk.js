// Going along the points of a chart: by a slider, which has its own keys and is said aloud, or by a click on a point.

export class Walk {
  constructor(figure, room, told, plotly) {
    Object.assign(this, { room, told, plotly });
    this.slider = figure.querySelector(".chart-walk input");
    this.says = figure.querySelector(".chart-walk output");
    this.slider.max = String(told.says.length - 1);
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.slider.addEventListener("focus", () => this.choose(Number(this.slider.value)));
    this.slider.addEventListener("blur", () => plotly.Fx.unhover(room));
    room.on("plotly_click", ({ points }) => this.clicked(points));
    this.slider.setAttribute("aria-valuetext", told.says[0]);
  }

  clicked(points) {
    const point = points.find((each) => each.curveNumber === this.told.walk);
    if (point === undefined) return;
    this.slider.value = String(point.pointNumber);
    this.choose(point.pointNumber);
  }

  choose(number) {
    this.slider.setAttribute("aria-valuetext", this.told.says[number]);
    this.says.replaceChildren(this.told.says[number]);
    const release = this.told.releases[number];
    if (release) {
      const link = Object.assign(document.createElement("a"), { href: `/releases/${release}` });
      link.textContent = this.says.dataset.open;
      this.says.append(" ", link);
    }
    this.show(number);
  }

  show(number) {
    const trace = this.told.data[this.told.walk];
    if (trace.x[number] === null) this.plotly.Fx.unhover(this.room);
    else this.plotly.Fx.hover(this.room, [{ curveNumber: this.told.walk, pointNumber: number }]);
  }
}
