// Draws the charts of the dashboard with Plotly, in place of the SVG that the page came with and that paper keeps.

import { colours, withColours } from "./colours.js";
import { loadPlotly } from "./plotly.js";
import { Walk } from "./walk.js";
import { Zoom } from "./zoom.js";

const NEAR = "600px"; // so far below the screen a chart is drawn already
const OPTIONS = { displayModeBar: false, responsive: true, doubleClick: false, locale: document.documentElement.lang };
const LEGEND_LINE = 20; // pixels
const dark = matchMedia("(prefers-color-scheme: dark)");
const small = matchMedia("(max-width: 40rem)");

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// A sentence as a column beside the point, so that it fits a phone.
const inLines = (says) => says.split(/[,;:] /).map(escaped).join("<br>");

const fitted = (layout, data) => {
  const lines = data.filter((trace) => trace.showlegend !== false).length;
  const foot = 40 + LEGEND_LINE * lines;
  layout.height += foot - layout.margin.b;
  layout.margin.b = foot;
  layout.font.size = layout.hoverlabel.font.size = 12;
  layout.xaxis.tickangle = 0;
  if (layout.xaxis.nticks) layout.xaxis.nticks = 4;
  if (layout.xaxis.tickvals?.length > 5) {
    const odd = (_each, number) => number % 2 === 1;
    layout.xaxis.tickvals = layout.xaxis.tickvals.filter(odd);
    layout.xaxis.ticktext = layout.xaxis.ticktext.filter(odd);
  }
};

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.told = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    this.room = figure.querySelector(".plotly-room");
  }

  async draw() {
    const plotly = await loadPlotly();
    this.figure.dataset.drawn = ""; // first there has to be room
    try {
      await this.paint(plotly);
    } catch (error) {
      delete this.figure.dataset.drawn; // the picture comes back
      throw error;
    }
    this.figure.querySelector(".chart-room").removeAttribute("tabindex");
    new Walk(this.figure, this.room, this.told, plotly);
    if (this.told.zooms) new Zoom(this.figure, this.room, plotly);
    for (const each of [dark, small]) each.addEventListener("change", () => this.paint(plotly));
  }

  async paint(plotly) {
    const found = colours();
    const walked = this.told.data[this.told.walk];
    const data = this.told.data.map((trace) =>
      trace === walked ? { ...trace, hoverinfo: "text", hovertext: this.told.says.map(inLines) } : trace,
    );
    const layout = withColours({ ...this.told.layout, ...this.range() }, found);
    layout.font.family = layout.hoverlabel.font.family = getComputedStyle(document.body).fontFamily;
    if (small.matches) fitted(layout, data);
    await plotly.react(this.room, withColours(data, found), layout, OPTIONS);
  }

  range() {
    // What was looked at closely stays so when the colours change.
    const axis = this.room.layout?.xaxis;
    return this.told.zooms && axis ? { xaxis: { ...this.told.layout.xaxis, range: axis.range } } : {};
  }
}

const watch = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      watch.unobserve(entry.target);
      new Chart(entry.target).draw();
    }
  },
  { rootMargin: `${NEAR} 0px` },
);
for (const figure of document.querySelectorAll("figure[data-chart]")) watch.observe(figure);
