import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  createOperatorClient,
  deploymentPaths,
  findAgents,
  findProcess,
  isAlive,
} from '@understudy/api';
import { keepFakeWitness } from '../testing/fake-witness.ts';
import { down } from './down.ts';
import { up } from './up.ts';

const agentProgram = fileURLToPath(new URL('../testing/fake-agent.js', import.meta.url));
const upProgram = fileURLToPath(new URL('../testing/up-process.js', import.meta.url));

async function aDataDir(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-up-'));
  const data = join(folder, 'data');
  t.after(async () => {
    await down({ data }, { say: () => {} }).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });
  return data;
}

/** Starts `up` and resolves when it has said `line`. */
async function anUp(
  data: string,
  line: RegExp,
  more: { file?: string; isInit?: boolean; server?: string } = {},
) {
  const stop = new AbortController();
  const said: string[] = [];
  let hear: () => void = () => {};
  const isHeard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const ended = up(
    { isInit: false, ...more, data },
    {
      signal: stop.signal,
      agentProgram,
      keepWitness: keepFakeWitness,
      say: (each) => {
        said.push(each);
        if (line.test(each)) hear();
      },
    },
  );
  await Promise.race([isHeard, ended]);
  return { said, ended, stop: () => stop.abort() };
}

test('without a file the default deployment is born, and stopped cleanly', async (t) => {
  const data = await aDataDir(t);
  const { said, ended, stop } = await anUp(data, /^ready$/);
  assert.ok(said.includes('east-1: users-east is mounted on east-store'), said.join('\n'));
  assert.ok(said.includes('west-1: users-east is healthy on west-store'));
  assert.ok(said.some((line) => line.startsWith("operator's token: ")));
  stop();
  assert.equal(await ended, 0);
  assert.ok(said.includes('east-1: stopped agent'));
  for (const server of ['east-1', 'west-1']) {
    assert.equal(await findProcess(deploymentPaths(data).server(server).agentPid), undefined);
  }
});

test('--init is said once, by whichever server comes up first', async (t) => {
  const data = await aDataDir(t);
  const west = await anUp(data, /^west-1: its agent answers$/, { isInit: true, server: 'west-1' });
  assert.ok(!west.said.includes('ready'));
  const east = await anUp(data, /^ready$/, { server: 'east-1' });
  assert.ok(east.said.includes('east-1: users-east is mounted on east-store'));
  await eventually(async () => assert.ok(west.said.includes('ready')));
  for (const each of [west, east]) each.stop();
  await Promise.all([west.ended, east.ended]);
});

test('two that make the same folder at once make one deployment', async (t) => {
  const data = await aDataDir(t);
  const servers = ['west-1', 'east-1'];
  const ups = await Promise.all(
    servers.map((server) => anUp(data, /^ready$/, { isInit: true, server })),
  );
  for (const { said } of ups) assert.ok(said.includes('ready'), said.join('\n'));
  for (const each of ups) each.stop();
  await Promise.all(ups.map(({ ended }) => ended));
});

test('an agent that dies is started again', async (t) => {
  const data = await aDataDir(t);
  const { said, ended, stop } = await anUp(data, /^ready$/);
  const { agentPid } = deploymentPaths(data).server('east-1');
  const before = await findProcess(agentPid);
  process.kill(before ?? assert.fail(), 'SIGKILL');
  const [east] = await findAgents(data);
  const client = createOperatorClient({ url: east?.url ?? assert.fail(), token: 'any' });
  await eventually(async () => {
    await client.hello();
    assert.notEqual(await findProcess(agentPid), before);
  });
  assert.ok(said.some((line) => line.startsWith('east-1: its agent ended')));
  stop();
  await ended;
});

test('two on one folder are refused, and a topology with mistakes starts nothing', async (t) => {
  const data = await aDataDir(t);
  const { ended, stop } = await anUp(data, /^ready$/);
  const another = up({ data, isInit: false }, { say: () => {}, signal: AbortSignal.abort() });
  await assert.rejects(another, { code: 'alreadyUp' });
  const file = join(data, '..', 'wrong.yaml');
  await writeFile(file, 'name: x\nsites: []\npoolz: []\n');
  const io = { say: () => {}, signal: AbortSignal.abort() };
  await assert.rejects(up({ data, file, isInit: false }, io), {
    name: 'TopologyMistakesError',
    message: /wrong\.yaml:3:1: .*poolz/,
  });
  assert.match(await readFile(deploymentPaths(data).topology, 'utf8'), /name: understudy/);
  stop();
  await ended;
});

test('a port that another program has taken is named before anything starts', async (t) => {
  const data = await aDataDir(t);
  const { ended, stop } = await anUp(data, /^ready$/);
  stop();
  await ended;
  const west = (await findAgents(data)).find(({ server }) => server === 'west-1');
  const other = await takePort(data, Number(new URL(west?.url ?? '').port));
  t.after(() => other.close());
  const said: string[] = [];
  const io = { say: (line: string) => said.push(line), signal: AbortSignal.abort(), agentProgram };
  await assert.rejects(up({ data, isInit: false }, io), { code: 'portTaken' });
  assert.deepEqual(said, []);
});

/** A program that listens where west-1 did, once that has ended and let its port go. */
async function takePort(data: string, port: number): Promise<Server> {
  for (let tries = 0; tries < 200; tries++) {
    await sleep(50);
    if ((await findProcess(deploymentPaths(data).server('west-1').agentPid)) !== undefined)
      continue;
    const other = createServer().listen(port, '127.0.0.1');
    const isListening = await once(other, 'listening').then(
      () => true,
      () => false,
    );
    if (isListening) return other;
  }
  return assert.fail(`port ${port} is never free`);
}

test('a folder that was wiped is not born again without --init', async (t) => {
  const data = await aDataDir(t);
  const { ended, stop } = await anUp(data, /^ready$/);
  stop();
  await ended;
  await rm(deploymentPaths(data).secret);
  const again = up({ data, isInit: false }, { say: () => {}, signal: AbortSignal.abort() });
  await assert.rejects(again, { code: 'noDeployment' });
});

test('after kill -9 of up its agents live on, and the next up adopts them', async (t) => {
  const data = await aDataDir(t);
  const first = spawn(process.execPath, [upProgram, data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => first.kill('SIGKILL'));
  for await (const line of createInterface(first.stdout)) if (line === 'ready') break;
  const { agentPid } = deploymentPaths(data).server('east-1');
  const before = await findProcess(agentPid);
  first.kill('SIGKILL');
  await once(first, 'exit');
  assert.equal(await findProcess(agentPid), before);
  const { said, ended, stop } = await anUp(data, /^ready$/);
  assert.ok(said.includes(`east-1: its agent runs already (process ${before}); kept`));
  stop();
  await ended;
  assert.equal(await findProcess(agentPid), undefined);
});

test('a folder that is removed under it ends all that ran on it, and is named', async (t) => {
  const data = await aDataDir(t);
  const { ended } = await anUp(data, /^ready$/);
  const paths = deploymentPaths(data);
  const pids = await Promise.all(
    ['east-1', 'west-1'].map((server) => findProcess(paths.server(server).agentPid)),
  );
  await rm(data, { recursive: true, force: true });
  await assert.rejects(ended, { code: 'folderGone', where: data });
  await eventually(async () => {
    for (const pid of pids) assert.equal(isAlive(pid ?? assert.fail()), false);
  });
  await assert.rejects(readFile(paths.topology), { code: 'ENOENT' });
});

/** Tries until it holds; the test runner's own bound ends it. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await check();
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
}
