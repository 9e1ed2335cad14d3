import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRun, type Order, type PlannedFencing } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { OrderRefusedError } from '@understudy/ports';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const command = ['/usr/local/sbin/fence', 'east'];
const fencing = { command, timeoutMs: 5_000, expect: 'is off' };
const shown: PlannedFencing = {
  ...fencing,
  site: names.east,
  servers: [{ name: names.eastServer, address: '192.0.2.1' }],
};
const by = { run: asRun('run-1'), attempt: 2 };

function order(difference: Partial<PlannedFencing> = {}): Order {
  return { kind: 'fenceSite', ...by, fencing: { ...shown, ...difference } };
}

async function refusal({ clock, west }: TwoSites, asked: Order) {
  try {
    await clock.finish(west.client.obey(asked));
  } catch (error) {
    if (error instanceof OrderRefusedError) return error.refusal;
    throw error;
  }
  return assert.fail('it was obeyed');
}

test('the command is told what to prove, and its sentence is report and log', async () => {
  const sites = await twoSites({}, { fencing });
  sites.commands.programs.set('/usr/local/sbin/fence', () => ({ output: 'east is off' }));
  const { why } = await sites.clock.finish(sites.west.client.obey(order()));
  assert.equal(
    why,
    'site east is off: /usr/local/sbin/fence east ended with 0 after 0.0 s; it said "east is off"',
  );
  assert.ok(sites.sentences.includes(why));
  assert.deepEqual(sites.commands.ran, [
    {
      command,
      environment: {
        UNDERSTUDY_FENCE_SITE: 'east',
        UNDERSTUDY_FENCE_SERVERS: 'east-1',
        UNDERSTUDY_FENCE_ADDRESSES: '192.0.2.1',
        UNDERSTUDY_FENCE_RUN: 'run-1',
      },
      timeoutMs: 5_000,
      outputBytesMax: 16_384,
    },
  ]);
});

test('V6: what proves nothing is refused with its sentence, and stands in the log', async () => {
  const sites = await twoSites({}, { fencing });
  const { programs } = sites.commands;
  const proofless = [
    undefined,
    () => ({ exitStatus: 1, output: 'is off' }),
    () => ({ output: 'is on' }),
    () => ({ output: 'is off', takesMs: 5_001 }),
    () => ({ output: 'is off', signal: 'SIGKILL' }),
  ];
  for (const program of proofless) {
    if (program !== undefined) programs.set('/usr/local/sbin/fence', program);
    const { code, why } = await refusal(sites, order());
    assert.equal(code, 'notProvenOff');
    assert.match(why, /^nothing proves that site east is off: .*; make sure that it is off/);
    assert.ok(
      sites.sentences.some((sentence) => why.startsWith(sentence)),
      why,
    );
  }
});

test('nothing is run but what the own topology has', async () => {
  const sites = await twoSites({}, { fencing });
  const another = [{ command: ['/bin/rm', '-rf'] }, { timeoutMs: 60_000 }, { expect: 'anything' }];
  for (const difference of another) {
    assert.equal((await refusal(sites, order(difference))).code, 'rule');
  }
  const plain = await twoSites();
  assert.equal((await refusal(plain, order())).code, 'unknownSubject');
  assert.deepEqual([...sites.commands.ran, ...plain.commands.ran], []);
});

test('E14: a leader that was taken over has nobody fenced', async () => {
  const sites = await twoSites({}, { fencing });
  sites.commands.programs.set('/usr/local/sbin/fence', () => ({ output: 'east is off' }));
  await sites.clock.finish(sites.west.client.obey(order()));
  const late = await refusal(sites, { ...order(), attempt: 1 });
  assert.equal(late.code, 'staleAttempt');
  assert.equal(sites.commands.ran.length, 1);
});
