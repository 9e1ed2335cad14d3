import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { countTests } from './check-counts.ts';
import { environmentFor } from './env.ts';
import { removeStaleOutput } from './remove-stale-output.ts';
import { runNodeTests } from './run-node-tests.ts';
import { checkBuilt, listBuiltTests, listWrittenTests } from './test-file.ts';

/** A repository of one package with the files given, removed when the test ends. */
function aRepository(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'understudy-runner-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, 'packages/x', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

test('a test in a deep folder that was not built is noticed', (t) => {
  const root = aRepository(t, { 'src/a/b/c.test.ts': '', 'build/d.test.js': '' });
  assert.deepEqual(
    checkBuilt(listWrittenTests(root), listBuiltTests(root)).map((line) => line.split(' ')[0]),
    ['packages/x/src/a/b/c.test.ts', 'packages/x/build/d.test.js'],
  );
});

test('output without its source is removed, the rest stays', (t) => {
  const root = aRepository(t, {
    'src/kept.ts': '',
    'build/kept.js': '',
    'build/kept.d.ts': '',
    'build/gone.js': '',
    'build/gone.js.map': '',
    'build/tsconfig.tsbuildinfo': '',
  });
  assert.deepEqual(removeStaleOutput(root), [
    'packages/x/build/gone.js',
    'packages/x/build/gone.js.map',
  ]);
  assert.ok(existsSync(join(root, 'packages/x/build/kept.d.ts')));
  assert.ok(existsSync(join(root, 'packages/x/build/tsconfig.tsbuildinfo')));
});

test('under a real node --test subtests count, suites and empty files do not', async (t) => {
  const root = aRepository(t, {
    'src/full.test.ts': '',
    'src/empty.test.ts': '',
    'build/full.test.js':
      "const { test, describe, it } = require('node:test');" +
      "test('a', (t) => t.test('b', () => {})); describe('s', () => { it('c', () => {}); });",
    'build/empty.test.js': '',
  });
  const tests = listWrittenTests(root);
  const files = tests.map((file) => file.built);
  const environment = environmentFor('default');
  const { hasPassed, lines } = await runNodeTests({ root, files, environment, isQuiet: true });
  assert.ok(hasPassed);
  assert.deepEqual(
    [...countTests(tests, lines).values()].map((count) => count.ran),
    [0, 3],
  );
});

test('the suite on PostgreSQL 15 differs by one variable only', () => {
  assert.deepEqual(
    { ...environmentFor('default'), UNDERSTUDY_PG_BIN: '/usr/lib/postgresql/15/bin' },
    environmentFor('pg15'),
  );
});
