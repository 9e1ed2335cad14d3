import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { aPlan, aRunDetail, aStatus } from './golden/fake-deployment.ts';
import { aWorld } from './golden/fake-world.ts';
import { runCli } from './run-cli.ts';

// Ctrl-C, SIGTERM and closed pipes while a command is under way: it ends, and says what goes on.

/** Answers from the table; at `hangAt` it answers nothing and calls `hung`. */
async function anAgent(
  t: TestContext,
  { answers, hangAt, hung }: { answers: Record<string, unknown>; hangAt: string; hung: () => void },
): Promise<string> {
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url?.split('?')[0]}`;
    request.resume();
    if (key === hangAt) return hung();
    response.end(JSON.stringify(answers[key]));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const running = () => {
  const detail = aRunDetail();
  return { ...detail, row: { ...detail.row, state: 'running' } };
};
const answers = {
  'POST /v1/plans': aPlan(),
  'POST /v1/runs': { run: 'run-2' },
  'GET /v1/runs/run-2': running(),
  'GET /v1/status': aStatus(),
};

/** Runs the command and presses Ctrl-C when the agent hangs at that question. */
async function stoppedAt(t: TestContext, hangAt: string, words: readonly string[]) {
  const stop = new AbortController();
  const hung = () => stop.abort(new Error('stopped by SIGINT'));
  const url = await anAgent(t, { answers, hangAt, hung });
  const world = aWorld({ url, signal: stop.signal });
  const exit = await runCli(words, world);
  return { exit, written: world.written.join('') };
}

const failover = ['pool', 'failover', 'east'];

test('before anything was asked for, it says so', async (t) => {
  const { exit, written } = await stoppedAt(t, 'GET /v1/status', ['status']);
  assert.equal(exit, 1);
  assert.match(written, /stopped by SIGINT: nothing was changed by it/);
});

test('while an agent works on a request, it says that the agent goes on', async (t) => {
  const { exit, written } = await stoppedAt(t, 'POST /v1/runs', failover);
  assert.equal(exit, 1);
  assert.match(written, /its agent goes on with it without this command/);
  assert.match(written, /understudy run list/);
});

test('while a run is followed, it names the run, and --json has the same', async (t) => {
  const { exit, written } = await stoppedAt(t, 'GET /v1/runs/run-2', failover);
  assert.equal(exit, 1);
  assert.match(written, /the run goes on\. See it with: understudy run show run-2/);
  const asked = await stoppedAt(t, 'GET /v1/runs/run-2', [...failover, '--json']);
  assert.deepEqual(JSON.parse(asked.written), { run: 'run-2', state: 'running' });
});

test('an import names the id with which it goes on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-stopped-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'users.csv');
  await writeFile(file, 'name,display_name,password\nada,Ada,a-long-password\n');
  const words = ['user', 'import', file, '--pool', 'east', '--id', 'id-of-it'];
  const { exit, written } = await stoppedAt(t, 'POST /v1/pools/east/users/import', words);
  assert.equal(exit, 1);
  assert.match(written, /stopped by SIGINT: all users of .* will show, or none/);
  assert.match(written, /--pool east --id id-of-it/);
});

test('with nobody left to read, what only watches ends', async (t) => {
  const url = await anAgent(t, { answers, hangAt: '', hung: () => {} });
  for (const words of [['status', '--watch'], failover]) {
    let written = 0;
    const world = aWorld({ url, isGone: () => written > 0 });
    const { push } = world.written;
    world.written.push = (...texts) => {
      written += 1;
      return push.apply(world.written, texts);
    };
    await runCli(words, world);
    assert.ok(written > 0);
  }
});
