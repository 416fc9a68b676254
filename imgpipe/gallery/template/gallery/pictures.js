// The pictures as the pipeline tells of them: an index of the newest, and pages of older ones.

// Keys are whatever somebody called a file: each segment is encoded, and the origin stands in front, so that no key leads elsewhere.
export const address = key => new URL(location.origin + "/" + key.split("/").map(encodeURIComponent).join("/")).href;

// A picture that took another's place has the same address: with the time in it no cache mistakes one for the other.
const shown = ({key, timestamp}) => `${address(key)}?${encodeURIComponent(timestamp)}`;

// The widths that there are on demand, where the pipeline makes any: setup writes them into the page.
const WIDTHS = (document.querySelector('meta[name="widths"]')?.content ?? "").split(" ").map(Number).filter(Boolean);
const onDemand = ({source, timestamp}) => WIDTHS.map(width =>
  `${address(`_img/${source}`)}?width=${width}&t=${encodeURIComponent(timestamp)} ${width}w`).join(", ");

const PAGE = /(?:^|-)(page-\d+)$/;
const pageOf = row => (row.rendition ?? "").match(PAGE)?.[1] ?? "";
const alike = (one, other) =>
  Math.abs(one.width * other.height - one.height * other.width) <= Math.max(one.width, one.height, other.width, other.height);

const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// The renditions of one shape, the smallest first; of two as wide that of fewer bytes.
const sizesOf = (main, rows) => {
  const sizes = new Map();
  for (const row of [main, ...rows]) {
    const rival = sizes.get(row.width);
    if (alike(row, main) && (!rival || row.size < rival.size)) sizes.set(row.width, row);
  }
  return [...sizes.values()].sort((one, other) => one.width - other.width);
};

// A picture whose default rendition is `main`.
const described = (id, main, rows) => {
  const source = main.source || main.key;
  const folder = source.lastIndexOf("/");
  const sizes = sizesOf(main, rows);
  const largest = sizes.at(-1);
  const name = source.slice(folder + 1) + (pageOf(main) && ` (${pageOf(main).replace("-", " ")})`);
  return {
    id, source, name,
    album: source.slice(0, Math.max(folder, 0)),
    alt: name.replace(/\.\w{2,5}$/, "").replace(/[-_]+/g, " ").trim() || name,
    text: plain(source),
    time: main.timestamp,
    width: largest.width,
    height: largest.height,
    bytes: largest.size,
    download: address(largest.key),
    src: shown(sizes.find(size => size.width >= 640) ?? largest),
    // Of a file of several pages only the first is made on demand.
    srcset: WIDTHS.length && main.source && !pageOf(main) ? onDemand(main)
      : largest.width ? sizes.map(size => `${shown(size)} ${size.width}w`).join(", ") : "",
    colour: main.colour,
    thumbhash: main.thumbhash,
  };
};

// Answers 403 for what was not written yet: CloudFront may not list the bucket.
const read = async name => {
  const answer = await fetch(name);
  if (answer.ok) return answer.json();
  throw Object.assign(new Error(`${name}: ${answer.status}`), {status: answer.status});
};

export class Pictures {
  #rows = new Map();
  #made = new Map();
  #pages = [];
  #total = 0;
  #reading = null;
  written = "";

  get complete() { return !this.#pages.length; }
  // How many there are, known before all are read.
  get total() { return this.complete ? this.#made.size : Math.max(this.#total, this.#made.size); }
  get list() { return [...this.#made.values()].sort((one, other) => one.time < other.time ? 1 : one.time > other.time ? -1 : 0); }

  // Reads the index; nothing was written yet is no error, having no connection is one.
  static async open() {
    const pictures = new Pictures();
    const index = await read("gallery/index.json").catch(error => {
      if (error.status === 403 || error.status === 404) return {written: "", pictures: [], pages: []};
      throw error;
    });
    pictures.written = index.written;
    pictures.#pages = [...index.pages];
    pictures.#take(index.pictures);
    pictures.#total = pictures.#made.size + index.pages.reduce((sum, page) => sum + page.total, 0);
    return pictures;
  }

  static written() { return read("gallery/index.json").then(index => index.written); }

  // Reads the next page of older ones, once, whoever asks; one that is gone was replaced, and its error says so.
  more() { return this.#reading ??= this.#next().finally(() => { this.#reading = null; }); }

  async #next() {
    const [page] = this.#pages;
    if (!page) return;
    const {pictures} = await read(page.name);
    this.#pages.shift();
    this.#take(pictures);
  }

  // Renditions come in any order, and some on the next page: a picture is one when its default rendition is there.
  #take(rows) {
    const touched = new Set();
    for (const row of rows) {
      const id = [row.source || row.key, pageOf(row)].filter(Boolean).join("\n");
      this.#rows.set(id, [...this.#rows.get(id) ?? [], row]);
      touched.add(id);
    }
    for (const id of touched) {
      const all = this.#rows.get(id);
      const main = all.find(row => (row.rendition ?? "") === pageOf(row));
      if (main) this.#made.set(id, described(id, main, all));
    }
  }
}

export const words = text => plain(text).split(/\s+/).filter(Boolean);

export const weight = bytes => bytes < 999500 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

export const facts = picture => [
  picture.width && `${picture.width} × ${picture.height}`,
  weight(picture.bytes),
  new Date(picture.time).toLocaleDateString(undefined, {dateStyle: "long"}),
].filter(Boolean).join(" · ");
