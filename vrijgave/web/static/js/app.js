// What all pages share: telling people what went wrong, and whether the board is live.

const notice = document.getElementById("notice");

function tell(message) {
  notice.textContent = message;
  notice.hidden = !message;
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  try {
    tell(JSON.parse(xhr.responseText).message);
  } catch {
    tell(xhr.statusText);
  }
});

document.addEventListener("htmx:afterSwap", () => tell(""));

const live = document.getElementById("live");

function setLive(on) {
  if (!live) return;
  live.textContent = on ? live.dataset.on : live.dataset.off;
  live.classList.toggle("on", on);
}

document.addEventListener("htmx:sseOpen", () => setLive(true));
document.addEventListener("htmx:sseError", () => setLive(false));
