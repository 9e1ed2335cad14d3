import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readTopology } from './read-topology.ts';

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-topology-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a pipe without a writer, a device and a folder are refused, not waited for', async (t) => {
  const folder = await aFolder(t);
  const pipe = join(folder, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  for (const file of [pipe, '/dev/zero', folder]) {
    await assert.rejects(readTopology(file), { code: 'unreadable', where: file });
  }
});

test('a huge file is not read into memory, and one that is not there is named', async (t) => {
  const folder = await aFolder(t);
  const huge = join(folder, 'huge.yaml');
  await writeFile(huge, Buffer.alloc(600_000, 'x'));
  await assert.rejects(readTopology(huge), /600000 bytes/);
  await assert.rejects(readTopology(join(folder, 'none.yaml')), { code: 'unreadable' });
});
