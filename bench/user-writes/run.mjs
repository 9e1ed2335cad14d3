/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Users write over HTTP with digest authentication into a store with fsync on; clients, role and
// PostgreSQL share the machine. Usage, after `npm run build`:
//   node bench/user-writes/run.mjs [CLIENTS] [SECONDS] [PER_SECOND]
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startOnePool } from '../../packages/role-registrar/build/testing/one-pool.js';

const clients = Number(process.argv[2] ?? 64);
const seconds = Number(process.argv[3] ?? 8);
const perSecond = Number(process.argv[4] ?? 2_000);
const hash = (text) => createHash('sha256').update(text).digest('hex');
const agent = new http.Agent({ keepAlive: true, maxSockets: clients });

function send({ url, method, path, authorization, body }) {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(authorization && { authorization }),
    };
    const sent = http.request(new URL(path, url), { method, headers, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function aUser(url, name) {
  const ha1 = hash(`${name}:example.org:secret`);
  let [nonce, count] = ['', 0];
  return async function ask(method, path, body) {
    for (let attempt = 0; attempt < 3; attempt++) {
      count += 1;
      const nc = count.toString(16).padStart(8, '0');
      const cnonce = randomBytes(6).toString('hex');
      const response = hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${path}`)}`);
      const authorization = `Digest username="${name}", realm="example.org", nonce="${nonce}", uri="${path}", algorithm=SHA-256, response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`;
      const answer = await send({ url, method, path, body, ...(nonce && { authorization }) });
      if (answer.statusCode !== 401) return answer.statusCode;
      nonce = /nonce="([^"]+)"/.exec(answer.headers['www-authenticate'])[1];
      count = 0;
    }
    return 401;
  };
}

const names = Array.from({ length: clients }, (_, index) => `user${index}`);

// Clients have a thread of their own, so that the role's is measured and not theirs.
if (isMainThread) await main();
else parentPort.postMessage(await write(workerData));

async function main() {
  const site = await startOnePool({ isDurable: true });
  try {
    await site.mount();
    for (const name of names) await site.add(name, 'secret');
    const worker = new Worker(new URL(import.meta.url), {
      argv: process.argv.slice(2),
      workerData: site.url,
    });
    const told = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    console.log(JSON.stringify({ clients, asked: perSecond, ...told }));
  } finally {
    await site[Symbol.asyncDispose]();
  }
}

async function write(url) {
  const took = [];
  const statuses = new Map();
  const began = performance.now();
  const endMs = began + seconds * 1000;
  const writer = async (name, index) => {
    const ask = aUser(url, name);
    const pauseMs = (clients / perSecond) * 1000;
    let nextMs = began + (pauseMs * index) / clients;
    while (performance.now() < endMs) {
      const waitMs = nextMs - performance.now();
      if (waitMs > 1) await sleep(waitMs);
      nextMs += pauseMs;
      const to = names[Math.floor(Math.random() * names.length)];
      const sentMs = performance.now();
      const body = JSON.stringify({ id: randomUUID(), to, body: 'hello there' });
      const status = await ask('POST', '/v1/messages', body);
      took.push(performance.now() - sentMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(names.map(writer));
  agent.destroy();
  const elapsed = (performance.now() - began) / 1000;
  took.sort((left, right) => left - right);
  const at = (share) => Number((took[Math.floor(took.length * share)] ?? 0).toFixed(1));
  return {
    statuses: Object.fromEntries(statuses),
    perSecond: Math.round(took.length / elapsed),
    p50: at(0.5),
    p99: at(0.99),
    max: at(0.9999),
  };
}
