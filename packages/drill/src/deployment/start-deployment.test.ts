import assert from 'node:assert/strict';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDeployment } from './start-deployment.ts';

/** An `up` that goes on and whose agents end, each time for the same reason. */
const fakeUp = `
const { mkdirSync, writeFileSync } = require('node:fs');
const [, , , , dataDir, , server] = process.argv;
mkdirSync(dataDir + '/servers/' + server, { recursive: true });
writeFileSync(dataDir + '/servers/' + server + '/agent.pid', '999999999\\n1\\n');
console.log(server + ': its agent ended: the disk is made of cheese');
setInterval(() => {}, 1000);
`;

test('of agents that never answer the drill says why, and where it keeps their logs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-start-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const cliPath = join(folder, 'up.cjs');
  await writeFile(cliPath, fakeUp);
  const dataDir = join(folder, 'data');
  const said: string[] = [];
  const starting = startDeployment({
    cliPath,
    dataDir,
    isKept: true,
    startWithinMs: 1_000,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
  await assert.rejects(starting, /up --server east-1.*did not come up: .*made of cheese/s);
  assert.ok(said.includes(`its folder, which is kept: ${dataDir}`));
  await access(join(dataDir, 'up-east-1.log'));
});
