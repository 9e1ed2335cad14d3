import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultTopologyText } from '../topology-file/default-topology.ts';
import { deploymentPaths } from './deployment-paths.ts';
import { createDeployment } from './create-deployment.ts';
import { byDetour } from './detours.ts';
import { openServer } from './open-server.ts';

test('a process of a server finds its place, or hears what is wrong and what to do', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-server-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  await createDeployment({ dataDir, topologyText: defaultTopologyText(), operator: 'ada' });
  const env = { dataDir, server: 'east-1', logLevel: undefined };
  const open = await openServer(env);
  assert.equal(open.server.name, 'east-1');
  assert.equal(open.realm, open.topology.domains[0]);
  assert.equal(open.logLevel, 'info');
  const wrong = [
    [{ ...env, dataDir: undefined }, /UNDERSTUDY_DATA and UNDERSTUDY_SERVER must be set/],
    [{ ...env, logLevel: 'loud' }, /there is no log level loud/],
    [{ ...env, server: 'north-1' }, /the topology has no server north-1/],
  ] as const;
  for (const [given, words] of wrong) {
    await assert.rejects(openServer(given), { name: 'DeploymentError', message: words });
  }
});

test('a server reaches others by its detours, and hears of one that leads nowhere', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-server-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  await createDeployment({ dataDir, topologyText: defaultTopologyText(), operator: 'ada' });
  const env = { dataDir, server: 'east-1', logLevel: undefined };
  const paths = deploymentPaths(dataDir).server('east-1');
  assert.deepEqual((await openServer(env)).detours, { agents: {}, stores: {} });
  await mkdir(paths.folder, { recursive: true });
  await writeFile(paths.detours, '{ "agents": { "west-1": 7001 }, "witness": 7002 }');
  const { detours } = await openServer(env);
  assert.deepEqual(detours, { agents: { 'west-1': 7001 }, stores: {}, witness: 7002 });
  for (const [text, words] of [
    ['{ "stores": { "north-store": 7001 } }', /no north-store that could be reached/],
    ['{ "agents": { "west-1": 0 } }', /these are not detours, like/],
    ['7001', /these are not detours, like/],
  ] as const) {
    await writeFile(paths.detours, text);
    await assert.rejects(openServer(env), { name: 'DeploymentError', message: words });
  }
});

test('by a detour a URL keeps all but its host and port', () => {
  const url = 'postgresql://user:secret@db.example.org:5433/votes?sslmode=require';
  assert.equal(byDetour(url, undefined), url);
  assert.equal(byDetour(url, 7001), url.replace('db.example.org:5433', '127.0.0.1:7001'));
});
