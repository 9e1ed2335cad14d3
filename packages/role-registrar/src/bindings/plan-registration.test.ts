import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedContact, Binding, Registration } from './binding.ts';
import { planFlowEnd, planRegistration } from './plan-registration.ts';

const nowMs = 1_000_000;

function plan(stored: readonly Binding[], asked: Partial<Registration>, bindingsMax = 3) {
  let made = 0;
  return planRegistration(
    stored,
    {
      callId: 'a call',
      cseq: 2,
      path: [],
      source: 'udp 192.0.2.1:5060',
      userAgent: '',
      contacts: [],
      ...asked,
    },
    {
      bindingsMax,
      nowMs,
      isSameUri: (one, other) => one.toLowerCase() === other.toLowerCase(),
      newId: () => `new-${(made += 1)}`,
    },
  );
}

const aContact = (contact: string, changed: Partial<AskedContact> = {}): AskedContact => ({
  contact,
  q: 1000,
  lifeMs: 60_000,
  ...changed,
});
const aBinding = (id: string, changed: Partial<Binding> = {}): Binding => ({
  id,
  contact: `sip:${id}@192.0.2.1`,
  q: 1000,
  path: [],
  source: 'udp 192.0.2.1:5060',
  callId: 'a call',
  cseq: 1,
  userAgent: '',
  expiresAtMs: nowMs + 1,
  ...changed,
});

function done(planned: ReturnType<typeof plan>) {
  assert.equal(planned.kind, 'done');
  return planned.kind === 'done' ? planned : assert.fail();
}
const ids = (bindings: readonly Binding[]) => bindings.map(({ id }) => id);

test('contacts are added, refreshed by the same URI, and removed with a life of zero', () => {
  const added = done(plan([], { contacts: [aContact('sip:A@192.0.2.1')] }));
  assert.deepEqual([ids(added.put), added.put[0]?.expiresAtMs], [['new-1'], nowMs + 60_000]);
  const again = done(plan([aBinding('a')], { contacts: [aContact('sip:A@192.0.2.1')] }));
  assert.deepEqual([ids(again.put), again.put[0]?.cseq, again.remove], [['a'], 2, []]);
  const gone = done(
    plan([aBinding('a')], { contacts: [aContact('sip:a@192.0.2.1', { lifeMs: 0 })] }),
  );
  assert.deepEqual([gone.put, gone.remove, gone.bindings], [[], ['a'], []]);
});

test('a query changes nothing, and clears away only what has expired', () => {
  const asked = done(plan([aBinding('a'), aBinding('b', { expiresAtMs: nowMs })], {}));
  assert.deepEqual([ids(asked.bindings), asked.put, asked.remove], [['a'], [], ['b']]);
});

test('a star removes all', () => {
  const all = done(plan([aBinding('a'), aBinding('b')], { contacts: 'all' }));
  assert.deepEqual([all.remove, all.bindings], [['a', 'b'], []]);
});

test('a request that was overtaken changes nothing; one that comes again is done again', () => {
  const newer = [aBinding('a', { cseq: 3 })];
  assert.equal(plan(newer, { contacts: 'all' }).kind, 'stale');
  assert.equal(plan(newer, { contacts: [aContact('sip:a@192.0.2.1')] }).kind, 'stale');
  assert.equal(plan(newer, { contacts: 'all', callId: 'another' }).kind, 'done');
  const same = [aBinding('a', { cseq: 2 })];
  assert.equal(plan(same, { contacts: [aContact('sip:a@192.0.2.1')] }).kind, 'done');
});

test('a phone with an instance keeps its binding when its address changes (RFC 5626)', () => {
  const stored = [aBinding('a', { instance: '<urn:uuid:1>', regId: 1 })];
  const phone = { instance: '<urn:uuid:1>', regId: 1 };
  const moved = done(plan(stored, { contacts: [aContact('sip:z@198.51.100.7', phone)] }));
  assert.deepEqual([ids(moved.put), moved.put[0]?.contact], [['a'], 'sip:z@198.51.100.7']);
  const second = { ...phone, regId: 2 };
  const other = done(plan(stored, { contacts: [aContact('sip:z@198.51.100.7', second)] }));
  assert.deepEqual(ids(other.bindings), ['a', 'new-1']);
});

test('a user has so many bindings and no more; those there are can still be refreshed', () => {
  const stored = ['a', 'b', 'c'].map((id) => aBinding(id));
  assert.equal(plan(stored, { contacts: [aContact('sip:d@192.0.2.1')] }).kind, 'tooMany');
  assert.equal(plan(stored, { contacts: [aContact('sip:c@192.0.2.1')] }).kind, 'done');
});

test('a connection that ends takes its binding, unless another has refreshed it (RFC 5626)', () => {
  const phone = { instance: '<urn:uuid:1>', regId: 1 };
  const source = 'tcp 192.0.2.1:40000';
  const stored = [
    aBinding('ended', { ...phone, source }),
    aBinding('second', { ...phone, regId: 2, source }),
    aBinding('again', { ...phone, source: 'tcp 192.0.2.1:40001' }),
    aBinding('other', { instance: '<urn:uuid:2>', regId: 1, source }),
  ];
  const planned = planFlowEnd(stored, { ...phone, source, contacts: 'flowEnded' });
  const { remove, bindings } = done(planned);
  assert.deepEqual(remove, ['ended']);
  assert.deepEqual(
    bindings.map(({ id }) => id),
    ['second', 'again', 'other'],
  );
});
