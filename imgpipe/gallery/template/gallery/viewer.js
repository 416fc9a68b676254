// The full-size view: one picture, its neighbours by key, button and swipe.

import {facts} from "./pictures.js";

const SWIPE = 60;
const part = id => document.getElementById(id);
const [viewer, stage, sketch, full] = ["viewer", "stage", "sketch", "full"].map(part);

// `step(by)` is called for a neighbour (Infinity: the last), `close()` when one has seen enough.
export const listen = ({step, close}) => {
  const keys = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity};
  viewer.addEventListener("keydown", event => {
    if (!(event.key in keys) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(keys[event.key]);
  });
  viewer.addEventListener("cancel", event => { event.preventDefault(); close(); });
  part("close").addEventListener("click", close);
  part("previous").addEventListener("click", () => step(-1));
  part("next").addEventListener("click", () => step(1));
  stage.addEventListener("click", event => { if (event.target === stage) close(); });
  swipes(step, close);
  full.addEventListener("load", () => { viewer.classList.add("loaded"); });
  full.addEventListener("error", () => { viewer.classList.add("failed"); });
};

// Enlarged by two fingers, a finger moves what it sees, and no picture away.
const swipes = (step, close) => {
  let start = null;
  const move = (x, y) => { stage.style.translate = `${x}px ${y}px`; };
  const distance = event => [event.clientX - start.x, event.clientY - start.y];
  stage.addEventListener("pointerdown", event => {
    if (event.pointerType === "mouse" || !event.isPrimary || window.visualViewport?.scale > 1) return;
    start = {x: event.clientX, y: event.clientY};
    viewer.classList.add("dragged");
  });
  stage.addEventListener("pointermove", event => {
    if (!start) return;
    const [x, y] = distance(event);
    if (Math.abs(x) > Math.abs(y)) move(x, 0); else move(0, Math.max(0, y));
  });
  const end = event => {
    if (!start) return;
    const [x, y] = event.type === "pointercancel" ? [0, 0] : distance(event);
    start = null;
    viewer.classList.remove("dragged");
    move(0, 0);
    if (Math.abs(x) > SWIPE && Math.abs(x) > Math.abs(y)) step(x < 0 ? 1 : -1);
    else if (y > 2 * SWIPE && y > Math.abs(x)) close();
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
};

// Shows `picture`; what is there of it already, `preview`, stands in for it until it is loaded.
export const show = (picture, {preview, first, last}) => {
  viewer.classList.remove("loaded", "failed");
  viewer.style.setProperty("--ratio", picture.width ? picture.width / picture.height : 1.5);
  viewer.style.setProperty("--width", picture.width || 1200);
  viewer.style.setProperty("--colour", picture.colour ?? "transparent");
  sketch.hidden = !preview;
  if (preview) sketch.src = preview; else sketch.removeAttribute("src");
  full.alt = picture.alt;
  full.sizes = "100vw";
  full.srcset = picture.srcset;
  full.src = picture.src;
  part("name").textContent = picture.name;
  part("facts").textContent = facts(picture);
  part("download").href = picture.download;
  part("previous").disabled = first;
  part("next").disabled = last;
  if (!viewer.open) viewer.showModal();
};

export const hide = () => { if (viewer.open) viewer.close(); };

// Lets the browser have a neighbour before it is asked for.
export const prepare = picture => { Object.assign(new Image(), {sizes: "100vw", srcset: picture.srcset, src: picture.src}); };
