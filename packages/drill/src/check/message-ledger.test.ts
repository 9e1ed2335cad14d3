import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageLedger } from './message-ledger.ts';

const heard = new Set(['a']);
const message = (id: string, endMs: number) => ({
  id,
  pool: 'east',
  how: 'kept' as const,
  endMs,
  isHeard: () => heard.has(id),
});

test('a message is open until its phone has heard it, however late', () => {
  const ledger = createMessageLedger();
  ledger.add(message('a', 10));
  ledger.add(message('b', 20));
  const open = () => ledger.unheard('east').map(({ id }) => id);
  assert.deepEqual(open(), ['b']);
  assert.deepEqual(ledger.unheard('west'), []);
  assert.equal(ledger.count({ fromMs: 0, toMs: 20 }), 1);
  heard.add('b');
  assert.deepEqual(open(), []);
});
