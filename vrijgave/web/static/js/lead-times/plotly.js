// Plotly, fetched once and only when a chart comes near.

// Plotly leaves the <style> elements that our policy refuses where it finds elements with these ids: its own, for which
// the page brings css/plotly.css, and that of the maps inside it, which no chart here uses.
const MAPS = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

let loading = null;

export const loadPlotly = () => {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("meta"), { id: MAPS }));
    const script = Object.assign(document.createElement("script"), { src: "/static/vendor/plotly.js", async: true });
    script.addEventListener("load", () => {
      window.Plotly.register(JSON.parse(document.querySelector("#plotly-locale").textContent));
      resolve(window.Plotly);
    });
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
};
