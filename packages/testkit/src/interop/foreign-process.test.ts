import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ForeignProcess, requireProgram } from './foreign-process.ts';

async function start(t: TestContext, words: readonly string[]): Promise<ForeignProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-foreign-'));
  const run = await ForeignProcess.start({ program: process.execPath, words, folder, log: 'log' });
  t.after(async () => {
    await run[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return run;
}

test('a program that is missing is named, with the packages to install', async () => {
  const missing = '/usr/bin/no-such-phone';
  await assert.rejects(requireProgram(missing), /no-such-phone is missing: .*baresip-core/);
});

test('what a program says and how it ends is known', async (t) => {
  const run = await start(t, ['-e', 'console.log("hello"); process.exitCode = 3']);
  assert.equal(await run.ended(30_000), 3);
  assert.equal(await run.said(), 'hello\n');
});

test('one that does not end is ended', async (t) => {
  const words = ['-e', 'setInterval(() => {}, 1000)'];
  const late = await start(t, words);
  assert.equal(await late.ended(1), null);
  const left = await start(t, words);
  await left[Symbol.asyncDispose]();
  assert.equal(left.isRunning, false);
});
