import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import type { Destination } from '../transports/destination.ts';
import { createFailedDestinations, failedLast } from './failed-destinations.ts';

const at = (address: string): Destination => ({ transport: 'udp', address, port: 5060 });
const [one, two, three] = [at('192.0.2.1'), at('192.0.2.2'), at('2001:db8::3')] as const;

test('where requests failed comes last, until it answers or it is forgotten', async () => {
  const clock = new SimulatedClock();
  const failed = createFailedDestinations(clock);
  failed.failed(one);
  assert.deepEqual(failedLast([one, two, three], failed), [two, three, one]);
  assert.equal(failed.hasFailed({ ...one, port: 5061 }), false);
  assert.deepEqual(failedLast([{ ...one, transport: 'tcp' }, two], failed)[0], two);
  failed.answered(one);
  assert.deepEqual(failedLast([one, two], failed), [one, two]);
  failed.failed(two);
  failed.failed(three, 2_000);
  await clock.advance(2_000);
  assert.deepEqual(failedLast([two, three], failed), [three, two]);
  await clock.advance(30_000);
  assert.deepEqual(failedLast([two, three], failed), [two, three]);
});

test('what a destination asks for, and how many are remembered, is bounded', async () => {
  const clock = new SimulatedClock();
  const failed = createFailedDestinations(clock, { destinationsMax: 2, forgetMs: 1_000 });
  failed.failed(one, 3_600_000);
  await clock.advance(1_000);
  assert.equal(failed.hasFailed(one), false);
  for (const each of [one, two, three]) failed.failed(each);
  const known = [one, two, three].map((each) => failed.hasFailed(each));
  assert.deepEqual(known, [false, true, true]);
});
