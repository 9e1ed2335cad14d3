import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultTopologyText } from '../topology-file/default-topology.ts';
import { createDeployment } from './create-deployment.ts';
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
