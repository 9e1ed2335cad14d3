/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// How long `understudy up` takes to bring two new sites up, and what they then use while idle: PSS
// summed over the whole process tree. Usage, after `npm run build`:
//   node bench/start-and-memory/run.mjs [STARTS] [IDLE_SECONDS]
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cliPath } from '../shared/deployment.mjs';
import { median } from '../shared/load.mjs';

const starts = Number(process.argv[2]) || 3;
const idleMs = (Number(process.argv[3]) || 20) * 1000;
const results = [];
for (let number = 1; number <= starts; number += 1) results.push(await measure(number));
const seconds = results.map((each) => each.seconds);
console.log(
  JSON.stringify({
    starts,
    medianSeconds: median(seconds),
    maxSeconds: Math.max(...seconds),
    medianPssMb: median(results.map(({ pssMb }) => pssMb)),
  }),
);

async function measure(number) {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-start-'));
  const dataDir = join(folder, 'data');
  const began = performance.now();
  const up = spawn(process.execPath, [cliPath, 'up', '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise((resolve, reject) => {
      let said = '';
      up.stdout.on('data', (piece) => {
        said += piece;
        if (/^ready$/m.test(said)) resolve();
      });
      up.once('exit', () => reject(new Error(`up ended: ${said}`)));
      setTimeout(() => reject(new Error(`not ready within a minute: ${said}`)), 60_000).unref();
    });
    const took = Number(((performance.now() - began) / 1000).toFixed(1));
    await sleep(idleMs);
    const groups = await memoryOf(up.pid);
    const pssMb = groups.reduce((sum, { mb }) => sum + mb, 0);
    const load = loadavg()[0].toFixed(1);
    console.log(JSON.stringify({ start: number, seconds: took, pssMb: Math.round(pssMb), load }));
    for (const { name, count, mb } of groups) console.log(`    ${name}: ${count} x, ${mb} MB`);
    return { seconds: took, pssMb: Math.round(pssMb) };
  } finally {
    const ended = new Promise((resolve) => up.once('exit', resolve));
    up.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** PSS by program, of the process and everything below it. */
async function memoryOf(root) {
  const groups = new Map();
  for (const pid of await treeOf(root)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
    const kb = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
    const name = nameOf(command);
    const group = groups.get(name) ?? { name, count: 0, mb: 0 };
    groups.set(name, { name, count: group.count + 1, mb: group.mb + kb / 1024 });
  }
  return [...groups.values()]
    .map((each) => ({ ...each, mb: Math.round(each.mb * 10) / 10 }))
    .toSorted((left, right) => right.mb - left.mb);
}

async function treeOf(root) {
  const children = new Map();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    // The name in parentheses may hold spaces (proc(5)).
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function nameOf(command) {
  const words = command.split('\0').join(' ').trim();
  if (words.startsWith('postgres: ')) {
    const rest = words.replace(/^postgres: /, '').replace(/\d+\.\d+\.\d+\.\d+\(\d+\).*/, '');
    return `postgres: ${rest.replace(/us_\S+|for subscription.*/g, '').trim()}`;
  }
  const app = /apps\/(\w+)\//.exec(words)?.[1];
  if (app !== undefined) return `node: ${app}`;
  return words.slice(0, 60);
}
