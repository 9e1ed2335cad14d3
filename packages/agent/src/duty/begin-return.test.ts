import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRun, defaultLimits, type RunRow, type RunState } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { SimulatedClock } from '@understudy/ports/fake';
import type { Leading } from '../lead/leading.ts';
import { aSeat } from '../testing/two-in-east.ts';
import { beginReturn } from './begin-return.ts';

/** An agent that sees a diverged copy each time it looks; its first return ends as `state`. */
function aReturn(state: RunState) {
  const clock = new SimulatedClock();
  const { hands } = aSeat(names.eastServer, clock);
  let count = 0;
  const leading = {
    begin: async () => {
      count += 1;
      const id = asRun(`return-${count}`);
      const finished = Promise.resolve({ id, state } as RunRow);
      return { kind: 'begun', started: { id, finished } };
    },
  } as unknown as Leading;
  return {
    clock,
    look: async () => {
      await beginReturn(hands, leading);
      return count;
    },
  };
}

test('a divergence right after a return that succeeded does not wait its quiet out', async () => {
  const { clock, look } = aReturn('succeeded');
  assert.equal(await look(), 1);
  await clock.advance(1);
  assert.equal(await look(), 1, 'a store that was just returned is not asked in each cycle');
  await clock.advance(5_000);
  assert.equal(await look(), 2);
});

test('a return that failed is begun again after the quiet time only', async () => {
  const { clock, look } = aReturn('failed');
  assert.equal(await look(), 1);
  await clock.advance(defaultLimits.quietBeforeReturnMs - 1);
  assert.equal(await look(), 1);
  await clock.advance(1);
  assert.equal(await look(), 2);
});
