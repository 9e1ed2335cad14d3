import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyDecision, ProxyRequest, SipRequest } from '@understudy/sip';
import { buildRequest, headerField } from '@understudy/sip';
import { createIntake } from './create-intake.ts';
import { startLateMeter } from './late-meter.ts';

const taken: ProxyDecision = { kind: 'taken' };
const asked = (to: string) => {
  const headers = [headerField('To', to)];
  const request: SipRequest = buildRequest({ method: 'INVITE', uri: 'sip:ben@d', headers });
  return { request } as ProxyRequest;
};
const newCall = asked('<sip:ben@d>');
const inDialog = asked('<sip:ben@d>;tag=1');

function anIntake() {
  const world = { lateMs: 0, arriving: 0, fraction: 0 };
  const said: string[] = [];
  const intake = createIntake({
    bounds: { waitingMax: 4, lateMsMax: 100 },
    lateMs: () => world.lateMs,
    arriving: () => world.arriving,
    chance: { fraction: () => world.fraction },
    log: { say: (_, sentence) => void said.push(sentence) },
  });
  const asks = async (request = newCall) => {
    const decision = await intake(request, async () => taken);
    return decision.kind === 'answer' ? decision.status : decision.kind;
  };
  return { world, said, intake, asks };
}

test('a process that is late refuses new calls, and goes on with those there are', async () => {
  const { world, said, asks } = anIntake();
  assert.equal(await asks(), 'taken');
  world.lateMs = 100;
  assert.deepEqual([await asks(), await asks(), await asks(inDialog)], [503, 503, 'taken']);
  world.lateMs = 60;
  assert.equal(await asks(), 503, 'half of the bound ends it');
  world.lateMs = 49;
  assert.equal(await asks(), 'taken');
  assert.equal(said.length, 2, 'the log is told at the beginning and at the end');
  assert.match(said[1] ?? '', /3 were refused/);
});

test('a store that does not keep up: what waits is bounded, and waits no longer', async () => {
  const { world, intake, asks } = anIntake();
  let go: (decision: ProxyDecision) => void = () => undefined;
  const answered = new Promise<ProxyDecision>((resolve) => {
    go = resolve;
  });
  const waiting = Array.from({ length: 4 }, () => intake(newCall, () => answered));
  assert.deepEqual([await asks(), await asks(inDialog)], [503, 'taken']);
  world.arriving = 3;
  assert.equal(await asks(), 'taken', 'who waits for a pool to arrive does not wait for the store');
  world.arriving = 0;
  assert.equal(await asks(), 503);
  go(taken);
  await Promise.all(waiting);
  assert.equal(await asks(), 'taken');
});

test('a decision that fails waits no more', async () => {
  const { intake, asks } = anIntake();
  const failing = async () => Promise.reject(new Error('the store is gone'));
  for (let count = 0; count < 10; count += 1) await assert.rejects(intake(newCall, failing));
  assert.equal(await asks(), 'taken');
});

test('who is refused together is asked to come back apart', async () => {
  const { world, intake } = anIntake();
  world.lateMs = 100;
  const after: (string | undefined)[] = [];
  for (const fraction of [0, 0.5, 0.99]) {
    world.fraction = fraction;
    const decision = await intake(newCall, async () => taken);
    assert.equal(decision.kind, 'answer');
    if (decision.kind === 'answer') after.push(decision.headers?.[0]?.value);
  }
  assert.deepEqual(after, ['1', '3', '5']);
});

test('lateness is what stands for a while: one pause is none', () => {
  let nowMs = 0;
  let due: () => void = () => undefined;
  const timer = (_: number, act: () => void) => {
    due = act;
    return () => {
      due = () => undefined;
    };
  };
  const meter = startLateMeter({ timer }, () => nowMs);
  const tickLate = (lateMs: number) => {
    nowMs += 50 + lateMs;
    due();
  };
  tickLate(900);
  for (let count = 0; count < 4; count += 1) tickLate(1);
  assert.equal(meter.lateMs(), 1);
  for (let count = 0; count < 4; count += 1) tickLate(500 + count);
  assert.equal(meter.lateMs(), 1);
  tickLate(800);
  assert.equal(meter.lateMs(), 500);
  meter.end();
  tickLate(0);
  assert.equal(meter.lateMs(), 500, 'it has ended');
});
