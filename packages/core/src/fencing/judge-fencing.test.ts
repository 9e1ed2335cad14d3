import assert from 'node:assert/strict';
import test from 'node:test';
import { names } from '../testing/index.ts';
import type { CommandOutcome, PlannedFencing } from './fencing.ts';
import { hasExpected, judgeFencing } from './judge-fencing.ts';

const fencing: PlannedFencing = {
  site: names.east,
  servers: [{ name: names.eastServer, address: '192.0.2.1' }],
  command: ['/usr/local/sbin/fence', 'east 1', 'off'],
  timeoutMs: 30_000,
  expect: 'Power is off',
};
const well = { kind: 'ended', exitStatus: 0, output: 'Power is off\n', tookMs: 1_234 } as const;

test('F1: exit status 0 and the expected line prove that the site is off', () => {
  assert.deepEqual(judgeFencing(fencing, well), {
    isProven: true,
    why:
      'site east is off: /usr/local/sbin/fence "east 1" off ended with 0 after 1.2 s; ' +
      'it said "Power is off"',
  });
});

test('F1: everything else proves nothing, and the sentence says what it was', () => {
  const lacking: readonly (readonly [CommandOutcome, string])[] = [
    [{ kind: 'notStarted', why: 'spawn ENOENT' }, 'could not be run (spawn ENOENT)'],
    [
      { kind: 'timedOut', output: '', tookMs: 30_000 },
      'had not ended after 30.0 s and was killed; it said nothing',
    ],
    [{ ...well, exitStatus: 1 }, 'ended with 1 after 1.2 s; it said "Power is off"'],
    [
      { kind: 'ended', signal: 'SIGTERM', output: 'Power is off', tookMs: 10 },
      'was ended by SIGTERM after 0.0 s; it said "Power is off"',
    ],
    [
      { ...well, output: 'Power is on' },
      'ended with 0 after 1.2 s; it said "Power is on", ' +
        'and no line of that contains "Power is off"',
    ],
  ];
  for (const [outcome, words] of lacking) {
    const start = 'nothing proves that site east is off: /usr/local/sbin/fence "east 1" off ';
    assert.deepEqual(judgeFencing(fencing, outcome), { isProven: false, why: start + words });
  }
});

test('without an expectation the exit status alone decides', () => {
  const { expect: _, ...plain } = fencing;
  assert.equal(judgeFencing(plain, { ...well, output: '' }).isProven, true);
  assert.equal(judgeFencing(plain, { ...well, exitStatus: 2 }).isProven, false);
});

test('one line has to hold all that is expected, in its order', () => {
  const cases: readonly (readonly [output: string, expect: string, isThere: boolean])[] = [
    ['Chassis Power is off', 'Power * off', true],
    ['Chassis Power is on\nfan off', 'Power * off', false],
    ['off is Power', 'Power*off', false],
    ['aab', 'a*ab', true],
    ['ab', 'ab*b', false],
    ['', 'off', false],
    ['OFF', 'off', false],
  ];
  for (const [output, expect, isThere] of cases) {
    assert.equal(hasExpected(output, expect), isThere, `${output} / ${expect}`);
  }
});

test('long output is cut in the sentence, and stays on one line', () => {
  const { why } = judgeFencing(fencing, { ...well, output: `Power is off\n${'x'.repeat(500)}` });
  assert.ok(why.length < 320, why);
  assert.match(why, /and more$/);
  assert.ok(!why.includes('\n'));
});
