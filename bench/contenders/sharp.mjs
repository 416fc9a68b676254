// sharp on one thread: auto-orient, fit into 800 x 600, an SVG text laid over, saved at the same qualities as imgpipe's.
// It answers the same JSON lines as the Python contenders. NODE_PATH does not reach ES modules, hence createRequire.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const sharp = createRequire(process.argv[2])("sharp");
sharp.concurrency(1);
sharp.cache(false);

const MARK = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="230" height="60">
  <text x="10" y="42" font-family="sans-serif" font-size="36" fill="#fff" stroke="#000" stroke-width="1" opacity="0.65">Watermark</text>
</svg>`);

const QUALITIES = { jpeg: { quality: 80 }, png: {}, webp: { quality: 80, effort: 4 } };

const fit = (image, width, height) => image.autoOrient().resize(width, height, { fit: "inside", withoutEnlargement: true });

async function save(image, source) {
  const { format } = await sharp(source).metadata();
  return image.toFormat(format, QUALITIES[format]).toBuffer();
}

const TASKS = {
  marked: (source) => save(fit(sharp(source), 800, 600).composite([{ input: MARK, gravity: "southeast" }]), source),
  bare: (source) => save(fit(sharp(source), 800, 600), source),
  jpeg: (source) => fit(sharp(source), 800, 600).jpeg(QUALITIES.jpeg).toBuffer(),
  three: async (source) => {
    const original = sharp(source);
    const sizes = [320, 800, 1600];
    const bodies = await Promise.all(sizes.map((size) => save(fit(original.clone(), size, size), source)));
    return bodies[0];
  },
};

const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const source = readFileSync(job.source);
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const body = await TASKS[job.task](source);
  const { user, system } = process.cpuUsage(cpu);
  const took = Number(process.hrtime.bigint() - wall) / 1e6;
  writeFileSync(job.output, body);
  console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: took, peak: peak() }));
}
