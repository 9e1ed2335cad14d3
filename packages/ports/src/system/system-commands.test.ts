import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandThat, commandSuite } from '../conformance/index.ts';
import { createSystemCommands } from './system-commands.ts';

// The machine's own commands pass what the fake passes. They are of the shell, which is here at
// once: how long a program takes to begin is no matter of these tests.

const runner = createSystemCommands({ PATH: '/usr/bin:/bin', UNDERSTUDY_SECRET: 'is not told' });
const shell = (script: string, ...words: readonly string[]) => ['/bin/sh', '-c', script, ...words];

const suite = commandSuite(async () => ({
  runner,
  commandThat: (does) => shell(scriptOf(does), does.says ?? ''),
  settle: (act) => act,
  [Symbol.asyncDispose]: async () => {},
}));
after(suite.close);
for (const [title, run] of suite.cases) void test(title, run);

function scriptOf({ exits = 0, diesOf, shows, hangs }: CommandThat): string {
  const said = shows === undefined ? '$0' : `$${shows}`;
  const end = diesOf === undefined ? `exit ${exits}` : `kill -TERM $$; sleep 60`;
  return `printf %s "${said}"; ${hangs === true ? 'sleep 3600 & wait' : end}`;
}

const order = { environment: {}, timeoutMs: 60_000, outputBytesMax: 10_000 } as const;

test('what the agent was started with is no business of the command', async () => {
  const environment = { UNDERSTUDY_FENCE_SITE: 'east' };
  const outcome = await runner.run({ ...order, command: shell('env'), environment });
  assert.ok(outcome.kind === 'ended');
  const told = outcome.output.split('\n').filter((line) => line.startsWith('UNDERSTUDY'));
  assert.deepEqual(told, ['UNDERSTUDY_FENCE_SITE=east']);
});

test('at the timeout what the command has started ends with it', async () => {
  const command = shell('sleep 3600 & echo $!; wait');
  const outcome = await runner.run({ ...order, command, timeoutMs: 2_000 });
  assert.ok(outcome.kind === 'timedOut', outcome.kind);
  await waitGone(Number(outcome.output));
});

test('a child that is left behind with the output is not waited for', async () => {
  const command = shell('sleep 3600 & echo $!');
  const outcome = await runner.run({ ...order, command });
  assert.ok(outcome.kind === 'ended', outcome.kind);
  process.kill(Number(outcome.output), 'SIGKILL');
  assert.equal(outcome.exitStatus, 0);
});

/** Signals are carried out a moment later. What is dead and not yet buried has no words left. */
async function waitGone(pid: number): Promise<void> {
  assert.ok(pid > 1);
  for (let looks = 0; looks < 1_000; looks += 1) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (words === '') return;
    await sleep(10);
  }
  assert.fail(`${pid} lives on`);
}
