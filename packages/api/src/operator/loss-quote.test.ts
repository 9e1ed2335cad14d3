import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asDataset, asStore, defaultLimits, quoteLoss } from '@understudy/core';
import { lossQuoteSchema } from './loss-quote.ts';

test("a quote goes over the wire whole, what it is with the operator's word too", () => {
  const quote = quoteLoss({
    dataset: asDataset('users-east'),
    copy: asStore('west-store'),
    lag: { heartbeatAgeMs: 2_000, writesPerSecond: 10, lastWord: { writes: 1, ageMs: 2_000 } },
    limit: 'good',
    limits: defaultLimits,
    oldGate: 'notProven',
  });
  assert.equal(quote.ifOff?.mayBeMissing, 20);
  assert.deepEqual(lossQuoteSchema.parse(JSON.parse(JSON.stringify(quote))), quote);
});
