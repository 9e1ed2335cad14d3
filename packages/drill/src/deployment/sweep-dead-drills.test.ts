import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deploymentPaths, writeProcessFile } from '@understudy/api';
import { drillPrefix, markDrill, sweepDeadDrills } from './sweep-dead-drills.ts';

/** A drill's folder in `parent` with an agent that still runs. */
async function aDrill(t: TestContext, parent: string, isKept = false) {
  const folder = await mkdtemp(join(parent, drillPrefix));
  await markDrill(folder, isKept);
  const { folder: server, agentPid } = deploymentPaths(folder).server('east-1');
  await mkdir(server, { recursive: true });
  const agent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(agent, 'spawn');
  t.after(() => agent.kill('SIGKILL'));
  await writeProcessFile(agentPid, agent.pid);
  return { folder, agent };
}

async function aParent(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'understudy-sweep-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  return parent;
}

/** As if the drill had been killed: a process of this number with this start is not there. */
const killDrill = (folder: string) => writeFile(join(folder, 'drill.pid'), '999999999\n1\n');
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const runs = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

test('what a killed drill left is ended and removed; what a living one has is not', async (t) => {
  const parent = await aParent(t);
  const [dead, living] = [await aDrill(t, parent), await aDrill(t, parent)];
  await killDrill(dead.folder);
  const isEnded = once(dead.agent, 'exit');
  const said = await sweepDeadDrills(parent);
  await isEnded;
  assert.deepEqual(said, [
    `swept ${dead.folder}, which a drill that was killed had left; ended agent`,
  ]);
  assert.equal(await isThere(dead.folder), false);
  assert.equal(await isThere(living.folder), true);
  assert.ok(runs(living.agent));
});

test('a folder that was to be kept is kept, and swept only once', async (t) => {
  const parent = await aParent(t);
  const { folder } = await aDrill(t, parent, true);
  await killDrill(folder);
  assert.equal((await sweepDeadDrills(parent)).length, 1);
  assert.equal(await isThere(folder), true);
  assert.deepEqual(await sweepDeadDrills(parent), []);
});
