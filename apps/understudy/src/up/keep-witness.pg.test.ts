import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  defaultTopologyText,
  type DeploymentPaths,
  deploymentPaths,
  isAlive,
  parseTopologyFile,
  writePrivateFile,
  writeProcessFile,
} from '@understudy/api';
import type { Topology } from '@understudy/core';
import {
  findEmbeddedPostgres,
  killEmbeddedPostgres,
  removeEmbeddedPostgres,
} from '@understudy/postgres';
import { keepWitness } from './keep-witness.ts';

type Deployment = {
  readonly paths: DeploymentPaths;
  readonly topology: Topology;
  /** Ends every keeper when the test ends, however it ends. */
  readonly ending: AbortController;
  readonly keeping: Promise<void>[];
};

/** A deployment folder without processes, and what its topology file says. */
async function aDeployment(t: TestContext): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-witness-'));
  const paths = deploymentPaths(join(folder, 'data'));
  for (const name of ['east-1', 'west-1']) {
    await mkdir(paths.server(name).folder, { recursive: true });
  }
  await writePrivateFile(paths.topology, defaultTopologyText());
  const { topology } = parseTopologyFile(defaultTopologyText(), paths.topology);
  assert.ok(topology !== undefined);
  const ending = new AbortController();
  const keeping: Promise<void>[] = [];
  t.after(async () => {
    ending.abort();
    await Promise.allSettled(keeping);
    await killEmbeddedPostgres(paths.witnessFolder);
    await removeEmbeddedPostgres(paths.witnessFolder);
    await rm(folder, { recursive: true, force: true });
  });
  return { paths, topology, ending, keeping };
}

/** A keeper at work. */
function aKeeper(deployment: Deployment, topology = deployment.topology) {
  const { paths, ending, keeping } = deployment;
  const said: string[] = [];
  const own = new AbortController();
  const keeper = keepWitness({ paths, topology, say: (line) => said.push(line) });
  const kept = keeper.keep(AbortSignal.any([ending.signal, own.signal]));
  keeping.push(kept);
  return {
    said,
    end: async () => {
      own.abort();
      await kept;
      await keeper.stop();
    },
  };
}

const running = ({ paths }: Deployment) => findEmbeddedPostgres(paths.witnessFolder);

/** Far longer than anything that is waited for here. */
const eventuallyMs = 60_000;

async function eventually<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
  const deadlineMs = Date.now() + eventuallyMs;
  while (Date.now() < deadlineMs) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  return assert.fail('waited in vain');
}

/** Resolves when the keeper has said the line as often. */
async function hears({ said }: { readonly said: readonly string[] }, line: RegExp, times = 1) {
  await eventually(async () => {
    return said.filter((each) => line.test(each)).length >= times ? true : undefined;
  });
}

const runs = /^the witness runs on port \d+$/;

test('a killed one is started again; two keep one, and the last to end stops it', async (t) => {
  const deployment = await aDeployment(t);
  const { paths } = deployment;
  const [east, west] = [aKeeper(deployment), aKeeper(deployment)];
  await Promise.all([hears(east, runs), hears(west, runs)]);
  const first = await running(deployment);
  await killEmbeddedPostgres(paths.witnessFolder);
  const again = /^the witness does not run; starting it again/;
  const isAgain = ({ said }: { readonly said: readonly string[] }) =>
    said.some((line) => again.test(line));
  await eventually(async () => ([east, west].some(isAgain) ? true : undefined));
  for (const each of [east, west].filter(isAgain)) await hears(each, runs, 2);
  const second = (await running(deployment)) ?? assert.fail('no witness runs');
  assert.notEqual(second.pid, first?.pid);
  assert.equal(second.port, first?.port);

  const { upPid } = paths.server('west-1');
  await writeProcessFile(upPid); // West is up: this process is its `up`.
  await east.end();
  assert.equal((await running(deployment))?.pid, second.pid, 'west still wants it');
  assert.ok(isAlive(second.pid));
  await rm(upPid);
  await west.end();
  assert.equal(await running(deployment), undefined);
  assert.ok(west.said.includes('witness: stopped'));
});

test('one that is named no more is stopped, and one whose folder is gone is found', async (t) => {
  const deployment = await aDeployment(t);
  const { topology, paths } = deployment;
  const keeper = aKeeper(deployment);
  await hears(keeper, runs);
  const { pid: first } = (await running(deployment)) ?? assert.fail('no witness runs');
  const { votes: _, ...without } = topology;
  const other = aKeeper(deployment, without);
  await eventually(async () => (isAlive(first) ? undefined : true));
  await other.end();

  await hears(keeper, runs, 2); // It goes by its own file.
  const { pid } = (await running(deployment)) ?? assert.fail('no witness runs');
  const elsewhere = `${paths.dataDir}-moved`;
  await rename(paths.dataDir, elsewhere);
  await keeper.end();
  await rename(elsewhere, paths.dataDir);
  assert.equal(isAlive(pid), false);
});
