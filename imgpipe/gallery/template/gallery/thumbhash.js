// A ThumbHash drawn: the colours of a picture in some 25 bytes.
// After Evan Wallace's decoder, https://github.com/evanw/thumbhash (MIT licence).

const SIDE = 32;

const header = bytes => {
  const first = bytes[0] | bytes[1] << 8 | bytes[2] << 16;
  const second = bytes[3] | bytes[4] << 8;
  const alpha = first >> 23 === 1;
  const landscape = second >> 15 === 1;
  const lengths = alpha ? 5 : 7;
  return {
    luminance: (first & 63) / 63,
    p: (first >> 6 & 63) / 31.5 - 1,
    q: (first >> 12 & 63) / 31.5 - 1,
    luminanceScale: (first >> 18 & 31) / 31,
    pScale: (second >> 3 & 63) / 63,
    qScale: (second >> 9 & 63) / 63,
    alpha,
    columns: Math.max(3, landscape ? lengths : second & 7),
    rows: Math.max(3, landscape ? second & 7 : lengths),
  };
};

// The factors stand one after another, four bits each.
const reader = (bytes, start) => {
  let index = 0;
  return (columns, rows, scale) => {
    const factors = [];
    for (let y = 0; y < rows; y++) {
      for (let x = y ? 0 : 1; x * rows < columns * (rows - y); x++, index++) {
        const nibble = bytes[start + (index >> 1)] >> ((index & 1) << 2) & 15;
        factors.push({x, y, value: (nibble / 7.5 - 1) * scale});
      }
    }
    return factors;
  };
};

const wave = (factors, x, y, width, height) => factors.reduce((sum, factor) => sum +
  2 * factor.value
  * Math.cos(Math.PI / width * (x + 0.5) * factor.x)
  * Math.cos(Math.PI / height * (y + 0.5) * factor.y), 0);

const parts = bytes => {
  const head = header(bytes);
  const read = reader(bytes, head.alpha ? 6 : 5);
  return {
    ...head,
    luminances: read(head.columns, head.rows, head.luminanceScale),
    ps: read(3, 3, head.pScale * 1.25),
    qs: read(3, 3, head.qScale * 1.25),
  };
};

// Draws it into `canvas`; what is no ThumbHash leaves it clear.
export const draw = (canvas, text) => {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  if (bytes.length < 5) return;
  const hash = parts(bytes);
  canvas.width = Math.max(4, Math.round(SIDE * Math.min(1, hash.columns / hash.rows)));
  canvas.height = Math.max(4, Math.round(SIDE * Math.min(1, hash.rows / hash.columns)));
  const {width, height} = canvas;
  const pixels = new ImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const l = hash.luminance + wave(hash.luminances, x, y, width, height);
      const p = hash.p + wave(hash.ps, x, y, width, height);
      const q = hash.q + wave(hash.qs, x, y, width, height);
      const blue = l - 2 / 3 * p;
      const red = (3 * l - blue + q) / 2;
      pixels.data.set([255 * red, 255 * (red - q), 255 * blue, 255], at);
    }
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
};
