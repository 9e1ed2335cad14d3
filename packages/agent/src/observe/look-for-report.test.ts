import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRecordOf } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { twoSites } from '../testing/two-sites.ts';

// A run that is taken up goes by what its leader reports: what partners told it may be older than
// what it decided itself, in its former life.
test('a report tells what is decided here once the own control database answers', async () => {
  const sites = await twoSites();
  const { clock, east, westStore, silent } = sites;
  const { decisions } = await clock.finish(east.report());
  const record = activeRecordOf(decisions, names.usersEast);
  westStore.crash();
  silent.add(names.eastServer);
  const west = sites.restart(names.westServer);
  await clock.finish(west.cycle());
  westStore.startAgain();
  const report = await clock.finish(west.report());
  assert.deepEqual(activeRecordOf(report.decisions, names.usersEast), record);
});
