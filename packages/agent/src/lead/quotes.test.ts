import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseReport, VotesReport } from '@understudy/core';
import {
  aCopyReport,
  aLeaseReport,
  anInventory,
  aReport,
  names,
  voters,
} from '@understudy/core/testing';
import { quoteCopies } from './quotes.ts';

/** West is behind by 7, heard the last word 8 s ago, and sees this lease of the silent east. */
function quoteWith(difference: Partial<LeaseReport>) {
  const votes: VotesReport = {
    membership: { generation: 0, started: [], stopped: [] },
    heard: voters.length,
    voters: voters.map((voter) => ({ voter, isSilent: false })),
    leases: [aLeaseReport(difference)],
  };
  const lag = {
    heartbeatAgeMs: 8_000,
    writesPerSecond: 100,
    lastWord: { writes: 7, ageMs: 8_000 },
  };
  const reports = [aReport({ votes, copies: [aCopyReport({ lag })] })];
  const [quote] = quoteCopies({ ...anInventory(), reports });
  return quote ?? assert.fail('nothing was quoted');
}

test('A5: where the lease of the active copy has passed, the quote is bounded', () => {
  const { mayBeMissing, ifOff, why } = quoteWith({ passedMs: 2_500 });
  assert.deepEqual([mayBeMissing, ifOff], [550, undefined]);
  assert.match(why, /up to 550 writes more may be, until its lease passed/);
});

test('A5: a lease that may be valid, or is not of the active copy, bounds nothing', () => {
  for (const open of [quoteWith({}), quoteWith({ holder: names.westStore, passedMs: 2_500 })]) {
    assert.equal(open.mayBeMissing, undefined);
    assert.equal(open.ifOff?.mayBeMissing, 800);
  }
});
