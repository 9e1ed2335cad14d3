import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unservedWords } from './wait-restored.ts';

test('probes that stay unserved are counted, and the first of them are named', () => {
  const users = ['a', 'b', 'c', 'd'];
  const left = users.map((user) => ({ kind: 'message', pool: 'east', user }) as const);
  assert.deepEqual(unservedWords([...left, { kind: 'call', pool: 'west', user: 'e' }]), [
    'not served again: 4 message probes of pool east (a, b, c, …)',
    'not served again: 1 call probe of pool west (e)',
  ]);
});
