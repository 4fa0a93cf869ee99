// The review room: brings the parts together.

import { Actions } from "./actions.js";
import { Ask } from "./ask.js";
import { at, text } from "./dom.js";
import { Head, Tell } from "./head.js";
import { listen } from "./keys.js";
import { Notes } from "./notes.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Panes } from "./panes.js";
import { Player } from "./player.js";
import { Queue } from "./queue.js";
import { Regions } from "./regions.js";
import { Sound } from "./sound.js";
import { Still } from "./still.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { open, tabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { Tracks } from "./tracks.js";
import { Transport } from "./transport.js";

const config = JSON.parse(at("review-config").dataset.config);
const video = at("video");
const store = new Store(config);
const sync = new Sync(store);
const tell = new Tell();

/** Resolves once there is a picture. */
const pictured = new Promise((resolve, reject) => {
  if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) resolve();
  video.addEventListener("loadeddata", resolve, { once: true });
  video.addEventListener("error", () => reject(new Error(text("no-video"))), { once: true });
});

async function begin() {
  for (const list of document.querySelectorAll("[role=tablist]")) tabs(list);
  const known = sync.begin();
  await pictured;
  at("room").dataset.picture = "there";
  await known;
  const player = new Player(video, store.video.rate, store.video.frames);
  const ask = new Ask(store);
  const actions = new Actions(store, player, sync, ask, tell);
  const overlay = new Overlay(at("overlay"), store, player, actions);
  const panes = new Panes(store, player, overlay);
  const sound = new Sound(store, player, actions);
  const timeline = new Timeline(store, player, actions, sound);
  const transport = new Transport(store, player, sound);
  const panel = new Panel(store, player, actions, overlay);
  const still = new Still(store, player);
  new Queue(store, actions);
  new Tracks(store, player);
  new Notes(store, player, actions, sync, ask, tell);
  new Regions(store, player, sync, ask, tell);
  new Head(store, sync, actions, ask, tell);
  player.addEventListener("frame", () => {
    at("room").dataset.frame = String(player.frame);
    overlay.draw();
    panes.draw();
    store.show(player.frame);
    transport.moved();
    panel.moved();
    timeline.moved();
  });
  store.addEventListener("selection", () => {
    if (store.selected !== null) open("tab-track");
  });
  at("zoom-in").addEventListener("click", () => timeline.zoom(0.5));
  at("zoom-out").addEventListener("click", () => timeline.zoom(2));
  at("zoom-fit").addEventListener("click", () => timeline.fit());
  at("draw").addEventListener("click", () => overlay.begin());
  listen({ player, actions, overlay, panes, sound, still });
  at("room").dataset.frame = String(player.frame);
  panes.begin();
  timeline.begin();
  transport.begin();
  for (const name of ["state", "selection", "view"]) store.dispatchEvent(new Event(name));
  sound.load().catch((error) => tell.refused(error.message));
  at("room").dataset.ready = "true";
}

begin().catch((error) => tell.refused(error.message));
