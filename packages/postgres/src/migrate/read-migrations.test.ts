import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { copyMigrations } from './copy-migrations.ts';
import { readMigrations } from './read-migrations.ts';

async function aFolder(t: TestContext, files: readonly string[]): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-migrations-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const file of files) await writeFile(join(folder, file), 'SELECT 1');
  return pathToFileURL(`${folder}/`);
}

test('levels are counted from one without a gap', async (t) => {
  const good = await aFolder(t, ['000002-second.sql', '000001-first.sql', 'README.md']);
  assert.deepEqual(
    readMigrations(good).map(({ level, name }) => [level, name]),
    [
      [1, 'first'],
      [2, 'second'],
    ],
  );
  const gap = await aFolder(t, ['000001-first.sql', '000003-third.sql']);
  assert.throws(() => readMigrations(gap), /level 3, not 2/);
  const twice = await aFolder(t, ['000001-first.sql', '000001-again.sql']);
  assert.throws(() => readMigrations(twice), /level 1, not 2/);
  const misnamed = await aFolder(t, ['1-first.sql']);
  assert.throws(() => readMigrations(misnamed), /named like/);
});

test('this build has its own', () => {
  assert.equal(copyMigrations.at(-1)?.level, copyMigrations.length);
});
