import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWriterEvidence, type Sight } from './writer-evidence.ts';

function sight(given: Partial<Sight>): Sight {
  const startMs = given.startMs ?? 100;
  return {
    pool: 'east',
    stores: ['east-store'],
    generation: 7,
    startMs,
    endMs: startMs + 10,
    how: 'acknowledged',
    ...given,
  };
}

function judged(...sights: readonly Sight[]): readonly string[] {
  const evidence = createWriterEvidence();
  for (const each of sights) evidence.add(each);
  return evidence.contradictions();
}

const west = { stores: ['west-store'], generation: 8 } as const;

test('one writer after the other is well', () => {
  assert.deepEqual(judged(sight({}), sight({ ...west, startMs: 200 })), []);
});

test('two stores under one generation are two writers', () => {
  const [found] = judged(sight({}), sight({ stores: ['west-store'], startMs: 500 }));
  assert.match(found ?? '', /two writers of pool east under generation 7/);
});

test('an old writer that goes on after a new one was seen is a second writer', () => {
  const found = judged(
    sight({}),
    sight({ ...west, startMs: 200, how: 'rawWrite' }),
    sight({ startMs: 300, how: 'openGate' }),
  );
  assert.equal(found.length, 1);
  assert.match(
    found[0] ?? '',
    /west-store took a raw write.*after that east-store had an open gate/,
  );
});

test('sights that overlap could have come in either order and prove nothing', () => {
  assert.deepEqual(judged(sight({ startMs: 205 }), sight({ ...west, startMs: 200 })), []);
});

test('pools do not disturb each other', () => {
  assert.deepEqual(judged(sight({}), sight({ pool: 'west', stores: ['west-store'] })), []);
});

test('the same store under a newer generation may not fall back either', () => {
  const found = judged(sight({ generation: 8 }), sight({ generation: 7, startMs: 900 }));
  assert.equal(found.length, 1);
});

test('a server that others hand their mounts on to may have written to any of their stores', () => {
  const shared = { stores: ['east-store', 'east-spare'], startMs: 500 };
  assert.deepEqual(judged(sight({}), sight(shared)), []);
  const [found] = judged(sight({ stores: ['west-store'] }), sight(shared));
  assert.match(found ?? '', /two writers of pool east .* east-store or east-spare/);
});
