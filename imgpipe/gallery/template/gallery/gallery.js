// The page: what is shown follows from the address behind the #, the search and the order.

import {Pictures, words} from "./pictures.js";
import {draw} from "./thumbhash.js";
import * as viewer from "./viewer.js";

const AT_ONCE = 60;
// So close to the last one that is known, the full-size view reads on.
const NEAR = 5;
const part = id => document.getElementById(id);
const [grid, albums, heading, summary, more, query, order] =
  ["pictures", "albums", "heading", "summary", "more", "query", "order"].map(part);
const collator = new Intl.Collator(undefined, {numeric: true});

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

let pictures = new Pictures();
let view = [];
let placed = 0;
let tiles = new Map();
let turn = 0;

// ---- the address ----

const toPicture = picture => `#/picture/${encodeURIComponent(picture.id)}`;
const toAlbum = album => `#/album/${encodeURIComponent(album)}`;

// Somebody may have typed it: what cannot be read is the page itself.
const route = () => {
  const [, kind = "", text = ""] = location.hash.match(/^#\/(\w+)\/?(.*)$/) ?? [];
  try { return {kind, name: decodeURIComponent(text)}; } catch { return {kind: "", name: ""}; }
};

let list = {kind: "", name: ""};
const toList = () => list.kind === "album" ? toAlbum(list.name) : list.kind === "albums" ? "#/albums" : "#/";

// ---- the grid ----

const shape = ({width, height}) => width && height ? Math.min(Math.max(width / height, 0.45), 5) : 1.5;

const sketched = picture => {
  const canvas = element("canvas", {width: 1, height: 1});
  if (picture.thumbhash) try { draw(canvas, picture.thumbhash); } catch { /* somebody else's row */ }
  return canvas;
};

const pictureIn = (picture, sizes) => {
  const image = element("img", {
    alt: picture.alt, loading: "lazy", decoding: "async", sizes,
    ...picture.width && {width: picture.width, height: picture.height},
  });
  const canvas = sketched(picture);
  image.addEventListener("load", () => canvas.remove(), {once: true});
  image.addEventListener("error", () => { image.closest("a").classList.add("missing"); });
  if (picture.srcset) image.srcset = picture.srcset;
  image.src = picture.src;
  return [canvas, image];
};

const tile = picture => {
  const name = element("span", {className: "name", ariaHidden: "true"}, element("bdi", {textContent: picture.name}));
  const link = element("a", {href: toPicture(picture)}, ...pictureIn(picture, "auto, (max-width: 40rem) 50vw, 25vw"), name);
  const item = element("li", {}, link);
  item.style.setProperty("--ratio", shape(picture));
  if (/^#[0-9a-f]{6}$/i.test(picture.colour)) item.style.setProperty("--colour", picture.colour);
  tiles.set(picture.id, link);
  return item;
};

const place = () => {
  grid.append(...view.slice(placed, placed + AT_ONCE).map(tile));
  placed = Math.min(view.length, placed + AT_ONCE);
  settle();
};

// The last row is seen once it is full, or the very last: what comes behind it would push it about.
const settle = () => {
  const ended = placed === view.length && (pictures.complete || needsAll());
  const bottom = ended ? Infinity : grid.lastElementChild?.offsetTop;
  for (const item of [...grid.children].slice(-2 * AT_ONCE)) item.classList.toggle("waiting", item.offsetTop >= bottom);
};

// ---- what is in view ----

const selected = () => {
  const wanted = words(query.value);
  const found = pictures.list.filter(picture =>
    (list.kind !== "album" || picture.album === list.name) && wanted.every(word => picture.text.includes(word)));
  if (order.value === "oldest") found.reverse();
  if (order.value === "name") found.sort((one, other) => collator.compare(one.name, other.name));
  return found;
};

const isWhole = () => list.kind === "" && !query.value.trim();
const counted = number => number === 1 ? "1 picture" : `${number.toLocaleString()} pictures`;

const summarise = () => {
  if (!pictures.total) {
    summary.replaceChildren("Nothing here yet. Try ", element("code", {textContent: "imgpipe upload photo.jpg"}));
    return;
  }
  const known = isWhole() ? pictures.total : view.length;
  const read = Math.floor(100 * pictures.list.length / pictures.total);
  const busy = pictures.complete || (isWhole() && order.value === "newest") ? "" : ` so far (${read} % looked through)`;
  summary.textContent = list.kind === "albums" ? "" : (known ? counted(known) : busy ? "None" : "No picture is called so.") + busy;
};

const showAlbums = () => {
  const covers = new Map();
  for (const picture of pictures.list) {
    const album = covers.get(picture.album) ?? {cover: picture, count: 0};
    covers.set(picture.album, {...album, count: album.count + 1});
  }
  const names = [...covers.keys()].sort(collator.compare);
  albums.replaceChildren(...names.map(name => {
    const {cover, count} = covers.get(name);
    const [canvas, image] = pictureIn(cover, "auto, 20rem");
    image.alt = "";
    const box = element("span", {className: "cover"}, canvas, image);
    const title = element("bdi", {className: "title", textContent: name.split("/").pop() || "Without a folder"});
    const above = element("bdi", {className: "above", textContent: name.split("/").slice(0, -1).join(" / ")});
    return element("li", {}, element("a", {href: toAlbum(name)}, box, title, above, element("span", {textContent: counted(count)})));
  }));
};

const arrange = (least = AT_ONCE) => {
  const inAlbums = list.kind === "albums";
  view = inAlbums ? [] : selected();
  placed = 0;
  tiles = new Map();
  grid.replaceChildren();
  while (placed < Math.min(least, view.length)) place();
  grid.classList.toggle("few", view.length < 4 && pictures.complete);
  grid.hidden = inAlbums;
  albums.hidden = !inAlbums;
  if (inAlbums) showAlbums();
  heading.hidden = list.kind !== "album";
  heading.textContent = list.name.split("/").pop() || "Without a folder";
  part("to-pictures").ariaCurrent = list.kind === "" ? "page" : null;
  part("to-albums").ariaCurrent = inAlbums || list.kind === "album" ? "page" : null;
  part("views").classList.toggle("none", !pictures.list.some(picture => picture.album));
  summarise();
};

// ---- reading on ----

const needsAll = () => !isWhole() || order.value !== "newest";

// One page after another; who has asked for something else meanwhile goes on alone.
const readOn = async () => {
  const mine = ++turn;
  while (mine === turn && needsAll() && !pictures.complete) {
    await next();
    if (mine !== turn) return;
    if (order.value === "newest" && list.kind !== "albums") { view = selected(); if (placed < AT_ONCE) place(); summarise(); }
    else if (pictures.complete) arrange(); else summarise();
  }
};

// A page that is gone was replaced since the index was read: it begins again with the new one.
const next = () => pictures.more().catch(error => error.status ? restart() : Promise.reject(error));

const restart = async () => {
  pictures = await Pictures.open();
  part("news").hidden = true;
  arrange(Math.max(placed, AT_ONCE));
};

let scrolling = Promise.resolve();
const scrolled = async () => {
  if (placed < view.length) place();
  else if (!pictures.complete && !needsAll()) { await next(); view = selected(); place(); }
};

// Watched anew each time, it tells once more that the end is in sight, where little came.
const watch = new IntersectionObserver(seen => {
  if (!seen.at(-1).isIntersecting) return;
  watch.unobserve(more);
  scrolling = scrolling.then(scrolled).then(() => watch.observe(more), lost);
}, {rootMargin: "1500px"});

const lost = () => {
  const again = element("button", {textContent: "Try again"});
  again.addEventListener("click", () => { more.replaceChildren(); start(); });
  more.replaceChildren("The pictures could not be read. ", again);
};

// ---- the full-size view ----

let opened = null;

const showPicture = async id => {
  while (!pictures.complete && !pictures.list.some(picture => picture.id === id)) await next();
  let at = view.findIndex(picture => picture.id === id);
  if (at < 0 || at > view.length - NEAR) {
    if (!needsAll()) await next();
    view = selected();
    at = view.findIndex(picture => picture.id === id);
  }
  const picture = view[at] ?? pictures.list.find(each => each.id === id);
  if (!picture) { summary.textContent = "This picture is no longer here."; return; }
  opened = picture;
  document.title = `${picture.name} · ${title}`;
  viewer.show(picture, {preview: tiles.get(id)?.querySelector("img")?.currentSrc, first: at <= 0, last: at < 0 || at === view.length - 1});
  [view[at + 1], view[at - 1]].filter(Boolean).forEach(viewer.prepare);
  while (placed <= at) place();
};

const title = document.title;

const step = by => {
  const at = view.findIndex(picture => picture.id === opened?.id);
  const to = view[Math.min(Math.max(at + by, 0), view.length - 1)];
  if (at < 0 || !to || to === opened) return;
  history.replaceState(history.state, "", toPicture(to));
  follow();
};

// The way back is the browser's own, where this page has opened the picture.
const close = () => {
  if (history.state?.opened) { history.back(); return; }
  history.replaceState(null, "", toList());
  follow();
};

const leavePicture = () => {
  viewer.hide();
  document.title = title;
  const link = tiles.get(opened?.id);
  opened = null;
  link?.scrollIntoView({block: "nearest"});
  link?.focus({preventScroll: true});
};

const follow = () => {
  const {kind, name} = route();
  if (kind === "picture") return showPicture(name).catch(lost);
  if (opened) leavePicture();
  if (kind === list.kind && name === list.name) return undefined;
  list = {kind: ["album", "albums"].includes(kind) ? kind : "", name: kind === "album" ? name : ""};
  arrange();
  scrollTo(0, 0);
  if (list.kind === "album") heading.focus({preventScroll: true});
  return readOn().catch(lost);
};

// ---- and go ----

const start = async () => {
  try {
    pictures = await Pictures.open();
    arrange();
    document.body.classList.add("ready");
    watch.observe(more);
    await follow();
    await readOn();
  } catch { lost(); }
};

let typed = 0;
const changed = () => {
  clearTimeout(typed);
  typed = setTimeout(() => { if (list.kind === "albums") location.hash = "#/"; arrange(); readOn().catch(lost); }, 120);
};
query.addEventListener("input", changed);
order.addEventListener("change", changed);
// What a picture was opened from is remembered with the address, for the way back.
document.addEventListener("click", event => {
  const link = event.target.closest("a[href^='#/picture/']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.pushState({opened: true}, "", link.getAttribute("href"));
  follow();
});
addEventListener("popstate", follow);
addEventListener("resize", settle);
viewer.listen({step, close});
part("news").addEventListener("click", () => { scrollTo(0, 0); restart().catch(lost); });
document.addEventListener("visibilitychange", async () => {
  if (document.hidden || !pictures.written) return;
  const written = await Pictures.written().catch(() => pictures.written);
  part("news").hidden = written === pictures.written;
});
start();
