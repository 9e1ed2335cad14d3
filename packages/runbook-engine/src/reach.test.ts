import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer } from '@understudy/core';
import { type AgentClient, OrderRefusedError } from '@understudy/ports';
import { SimulatedClock } from '@understudy/ports/fake';
import { Reach } from './reach.ts';
import type { RunPorts } from './run-ports.ts';

const [self, partner] = [asServer('east-1'), asServer('west-1')];

function reachOf(code: 'takenBack' | 'rule') {
  const clock = new SimulatedClock();
  const refuse = () => Promise.reject(new OrderRefusedError(partner, { code, why: 'no' }));
  const agent = { server: partner, report: refuse } as unknown as AgentClient;
  const log = { say: () => {} };
  const ports = { self, servers: [self, partner], agentOf: () => agent, clock, log };
  const reach = new Reach({ ...ports, peerTimeoutMs: 1_000 } as unknown as RunPorts);
  return { reach, asked: clock.finish(reach.ask(partner, (each) => each.report())) };
}

test('E10: a partner whose store went back in time is passed over like a silent one', async () => {
  const { reach, asked } = reachOf('takenBack');
  assert.equal(await asked, undefined);
  assert.deepEqual(reach.partners(), []);
});

test('any other refusal is an answer', async () => {
  await assert.rejects(reachOf('rule').asked, OrderRefusedError);
});
