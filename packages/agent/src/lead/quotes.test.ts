import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseReport, LossQuote, RunRequest, VotesReport } from '@understudy/core';
import {
  aCopyReport,
  aLeaseReport,
  anInventory,
  aReport,
  aTopology,
  names,
  voters,
} from '@understudy/core/testing';
import { SeededChance, SimulatedClock } from '@understudy/ports/fake';
import type { AgentParts } from '../agent-parts.ts';
import { createQuoteBook, quoteCopies } from './quotes.ts';

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

test('V7: who was shown that a copy is in sync has accepted no loss once it is not', () => {
  const clock = new SimulatedClock();
  const topology = aTopology();
  const parts = { clock, topology, chance: new SeededChance(1, clock) } as unknown as AgentParts;
  const book = createQuoteBook(parts);
  const request: RunRequest = {
    runbook: 'dataset-move',
    dataset: names.usersEast,
    mode: 'forced',
    isPartnerOff: false,
    by: 'a test',
  };
  const behind = quoteWith({ passedMs: 2_500 });
  const inSync: LossQuote = { ...behind, knownMissing: 0, mayBeMissing: 0, isInSync: true };
  const acceptedQuote = book.show(request, [inSync]);
  const refusal = book.refuse({ ...request, acceptedQuote }, [behind]) ?? '';
  assert.match(refusal, /called users-east on west-store in sync, which it is no more/);
  assert.equal(book.refuse({ ...request, acceptedQuote }, [inSync]), undefined);
  const known = book.show(request, [behind]);
  assert.equal(book.refuse({ ...request, acceptedQuote: known }, [behind]), undefined);
});
