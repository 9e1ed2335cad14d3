import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPool } from '@understudy/core';
import type { FlowId, Source } from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';
import { targetsOf } from './binding-target.ts';
import { createPhoneFlows, type FlowBinding } from './phone-flows.ts';

const from = (port: number, flow: FlowId): Source => ({
  transport: 'tcp',
  address: '192.0.2.1',
  port,
  flow,
  local: { address: '192.0.2.9', port: 5060 },
});
const bound = (userId: string, regId = 1): FlowBinding => ({
  userId,
  pool: asPool('east'),
  binding: { instance: '<urn:uuid:1>', regId, source: 'tcp 192.0.2.1:1' },
});
const aBinding = (id: string, port: number, changed: Partial<Binding> = {}): Binding => ({
  id,
  contact: `sip:${id}@10.0.0.1;transport=tcp`,
  q: 1000,
  path: [],
  source: `tcp 192.0.2.1:${port}`,
  callId: 'a call',
  cseq: 1,
  userAgent: '',
  expiresAtMs: port,
  ...changed,
});

test('a connection gives back what ends with it, once', () => {
  const flows = createPhoneFlows();
  flows.learn(from(1, 'tcp a 1'), bound('ann'));
  flows.learn(from(1, 'tcp a 1'), bound('ann'));
  flows.learn(from(1, 'tcp a 1'), bound('ben'));
  flows.learn(from(1, 'tcp a 1'));
  assert.equal(flows.of('tcp 192.0.2.1:1'), 'tcp a 1');
  assert.deepEqual(flows.forget('tcp a 1'), [bound('ann'), bound('ben')]);
  assert.deepEqual([flows.forget('tcp a 1'), flows.of('tcp 192.0.2.1:1')], [[], undefined]);
});

test('a port that is used again is another connection, and what one holds is bounded', () => {
  const flows = createPhoneFlows();
  flows.learn(from(1, 'tcp a 1'), bound('ann'));
  flows.learn(from(1, 'tcp a 2'));
  assert.deepEqual(flows.forget('tcp a 1'), []);
  assert.equal(flows.of('tcp 192.0.2.1:1'), 'tcp a 2');
  for (let regId = 1; regId <= 40; regId += 1) flows.learn(from(1, 'tcp a 2'), bound('c', regId));
  const held = flows.forget('tcp a 2').map(({ binding }) => binding.regId);
  assert.deepEqual([held.length, held.at(-1)], [16, 40]);
});

const nothing = () => undefined;

test('each phone is one target, its connections in turn: those here first, then the newest', () => {
  const flows = createPhoneFlows();
  flows.learn(from(2, 'tcp a 2'));
  const phone = { instance: '<urn:uuid:1>' };
  const targets = targetsOf(
    [
      aBinding('gone', 1, { ...phone, regId: 1, expiresAtMs: 50 }),
      aBinding('here', 2, { ...phone, regId: 2, expiresAtMs: 10 }),
      aBinding('newest', 3, { ...phone, regId: 3, expiresAtMs: 90 }),
      aBinding('plain', 4, { instance: '<urn:uuid:1>' }),
    ],
    { flows, pathOf: nothing, ownFlow: nothing, flowAt: nothing, neighbourAt: nothing },
  );
  const [first, second] = targets;
  assert.equal(targets.length, 2);
  const names = [first, first?.otherwise, first?.otherwise?.otherwise, second].map(
    (target) => /sip:(\w+)/.exec(target?.uri ?? '')?.[1],
  );
  assert.deepEqual(names, ['here', 'newest', 'gone', 'plain']);
  assert.equal(first?.destination?.flow, 'tcp a 2');
});
