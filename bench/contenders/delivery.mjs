// The same with sharp on one thread, as AWS's Dynamic Image Transformation goes about it: the original read from S3, made upright,
// resized, encoded, answered in Base64. Its client for S3 is spared it: the original comes by a plain GET on a connection kept open.
// Takes sharp's place, S3's address and the tasks; answers the same JSON lines as the Python contenders.
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const sharp = createRequire(process.argv[2])("sharp");
sharp.concurrency(1);
sharp.cache(false);

const agent = new Agent({ keepAlive: true });
const address = `${process.argv[3]}/source/photo.jpg`;
const tasks = JSON.parse(process.argv[4]);

const original = () => new Promise((resolve, reject) => {
  get(address, { agent }, (response) => {
    const parts = [];
    response.on("data", (part) => parts.push(part)).on("end", () => resolve({ body: Buffer.concat(parts), etag: response.headers.etag }));
  }).on("error", reject);
});

async function answered({ width, format, options }) {
  const { body, etag } = await original();
  const made = await sharp(body).autoOrient().resize({ width, withoutEnlargement: true }).toFormat(format, options).toBuffer();
  const headers = { "Content-Type": `image/${format}`, "Cache-Control": "public, max-age=300", ETag: etag };
  return JSON.stringify({ statusCode: 200, headers, body: made.toString("base64"), isBase64Encoded: true });
}

const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const answer = await answered(tasks[job.task]);
  const { user, system } = process.cpuUsage(cpu);
  const took = Number(process.hrtime.bigint() - wall) / 1e6;
  writeFileSync(job.output, answer);
  console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: took, peak: peak() }));
}
