import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { asGeneration, asRun } from '@understudy/core';
import { names } from '@understudy/core/testing';
import {
  type AgentClient,
  AgentUnreachableError,
  OrderFailedError,
  OrderRefusedError,
} from '@understudy/ports';
import { createPeerApp } from '../serve/create-peer-app.ts';
import { listenForPeers } from '../serve/listen.ts';
import { createPeerClient } from './create-peer-client.ts';
import { clientIdleMs, serverIdleMs } from './idle-connections.ts';
import { derivePeerKey } from './pre-shared-key.ts';

const host = '127.0.0.1';
const order = { kind: 'verify', run: asRun('run'), attempt: 1, dataset: names.usersEast } as const;

/** A partner of which each test says the one method that it needs. */
function aPartner(says: Partial<AgentClient>): AgentClient {
  return { server: names.westServer, ...says } as AgentClient;
}

async function clientOf(
  t: TestContext,
  partner: AgentClient,
  { secret = 'right', questionTimeoutMs = 5_000, idleMs = clientIdleMs } = {},
): Promise<AgentClient> {
  const app = createPeerApp(partner, { say: () => {} });
  const peers = await listenForPeers(app, { host, port: 0, key: derivePeerKey('right') });
  const client = createPeerClient({
    server: names.westServer,
    host,
    port: peers.port,
    key: derivePeerKey(secret),
    questionTimeoutMs,
    orderTimeoutMs: 5_000,
    idleMs,
  });
  t.after(async () => {
    client[Symbol.dispose]();
    await peers[Symbol.asyncDispose]();
  });
  return client;
}

test('a question and its answer go over TLS with the shared key', async (t) => {
  const decided: unknown[] = [];
  const partner = aPartner({
    decide: async (next, expected, by) => {
      decided.push(next.generation, expected, by?.attempt);
      return { isDone: true };
    },
  });
  const client = await clientOf(t, partner);
  const kind = 'copy' as const;
  const copy = { kind, dataset: names.usersEast, store: names.westStore };
  const next = { ...copy, generation: asGeneration(2) };
  assert.deepEqual(await client.decide(next, undefined), { isDone: true });
  assert.deepEqual(await client.decide(next, asGeneration(1), order), { isDone: true });
  assert.deepEqual(decided, [2, undefined, undefined, 2, 1, 1]);
});

test('who has another secret is not heard at all', async (t) => {
  let isAsked = false;
  const partner = aPartner({
    readRuns: async () => {
      isAsked = true;
      return [];
    },
  });
  const client = await clientOf(t, partner, { secret: 'wrong' });
  await assert.rejects(client.readRuns(), AgentUnreachableError);
  assert.equal(isAsked, false);
});

test('refused, failed and unreachable are three answers', async (t) => {
  const refusal = { code: 'staleAttempt', why: 'attempt 2 was seen' } as const;
  const refusing = await clientOf(
    t,
    aPartner({
      obey: () => Promise.reject(new OrderRefusedError(names.westServer, refusal)),
    }),
  );
  await assert.rejects(refusing.obey(order), (error: OrderRefusedError) => {
    assert.deepEqual(error.refusal, refusal);
    return true;
  });
  const failing = await clientOf(
    t,
    aPartner({ obey: () => Promise.reject(new Error('disk full')) }),
  );
  await assert.rejects(failing.obey(order), (error: Error) => {
    assert.ok(error instanceof OrderFailedError);
    assert.match(error.message, /disk full/);
    return true;
  });
  const hanging = aPartner({ readRuns: () => new Promise(() => {}) });
  const impatient = await clientOf(t, hanging, { questionTimeoutMs: 50 });
  await assert.rejects(impatient.readRuns(), AgentUnreachableError);
});

test('nobody at the address is unreachable too', async () => {
  using client = createPeerClient({
    server: names.westServer,
    host,
    port: 1,
    key: derivePeerKey('right'),
    questionTimeoutMs: 1_000,
    orderTimeoutMs: 1_000,
  });
  await assert.rejects(client.report(), AgentUnreachableError);
});

test('an order that is no order is not passed on', async (t) => {
  const client = await clientOf(t, aPartner({ obey: async () => assert.fail('passed on') }));
  await assert.rejects(client.obey({ kind: 'dance' } as never), OrderFailedError);
});

test('who asks lets an idle connection go long before who answers, and no question', async (t) => {
  assert.ok(serverIdleMs > 2 * clientIdleMs);
  const idleMs = 50;
  const partner = aPartner({
    learn: async () => sleep(4 * idleMs),
    readRuns: async () => [],
  });
  const client = await clientOf(t, partner, { idleMs });
  await client.learn([]); // Answered though it took longer than an idle connection is kept.
  await sleep(4 * idleMs);
  assert.deepEqual(await client.readRuns(), []);
});
