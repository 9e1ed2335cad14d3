import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asStore, asVoter, type VotesReport } from '@understudy/core';
import { aStatus, aTroubledStatus, nowMs } from '../golden/fake-deployment.ts';
import { datasetLines } from './dataset-rows.ts';
import { redraw } from './redraw.ts';
import { statusScreen } from './status-screen.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

test('words are kept whole, and no line is longer than the screen', () => {
  assert.deepEqual(wrap('one two three', 7, '  '), ['one two', '  three']);
  assert.deepEqual(wrap('unbreakable', 5), ['unbr…']);
});

test('on a narrow screen every cell of a table is still there, under its name', () => {
  const rows = [
    ['POOL', 'STATE', 'WHY'],
    ['east', 'Active', 'its datasets were created a while ago'],
    ['', 'Other', '-'],
  ];
  assert.deepEqual(table(rows, 40), [
    'pool east, state Active, why its',
    '  datasets were created a while ago',
    'pool east, state Other',
  ]);
});

test('the status of 40 columns has no line that is wider, and still says why', () => {
  const lines = statusScreen(aTroubledStatus(), { nowMs, columns: 40 });
  assert.ok(
    lines.every(({ length }) => length <= 40),
    lines.join('\n'),
  );
  const wide = statusScreen(aTroubledStatus(), { nowMs, columns: Number.POSITIVE_INFINITY });
  const words = lines.join(' ').replaceAll(/\s+/g, ' ');
  assert.ok(words.includes(wide[1]?.slice(0, 60) ?? '?'), words);
});

test('who hears no majority of the voters is named: nothing stays mounted there', () => {
  const shown = (...silent: readonly (readonly string[])[]) => {
    const { agents, ...rest } = aStatus();
    const voting = agents.map((agent, index) => ({
      ...agent,
      votes: hearing(silent[index] ?? []),
    }));
    const wide = { nowMs, columns: Number.POSITIVE_INFINITY };
    const lines = statusScreen({ ...rest, agents: voting }, wide);
    return lines.find((line) => line.startsWith('votes: '));
  };
  const names = 'votes: east-1, west-1, witness';
  assert.equal(shown([], []), `${names}; all answer`);
  assert.equal(shown(['witness'], []), `${names}; what a majority answers goes on`);
  assert.equal(
    shown([], ['east-1', 'witness']),
    `${names}; no majority answers west-1, which keeps nothing mounted`,
  );
});

/** What an agent says of three voters of which these do not answer it. */
function hearing(silent: readonly string[]): VotesReport {
  const names = ['east-1', 'west-1', 'witness'].map(asVoter);
  return {
    membership: { generation: 0, started: [], stopped: [] },
    heard: names.length,
    leases: [],
    voters: names.map((voter) => ({ voter, isSilent: silent.includes(voter) })),
  };
}

test('a screen is drawn over line by line, and never scrolls', () => {
  const lines = ['first', 'a line that is too wide', 'third', 'fourth'];
  const drawn = redraw(lines, { columns: 10, rows: 4 });
  assert.equal(drawn, '\u001b[Hfirst\u001b[K\na line t…\u001b[K\n… 2 more…\u001b[K\n\u001b[J');
});

test('a synchronous copy is shown as in sync or not, since when and why', () => {
  const { agents, topology, ...rest } = aStatus();
  const show = (isInSync: boolean, why: string) => {
    const sync = { copy: asStore('west-store'), isInSync, sinceMs: nowMs - 180_000, why };
    const [east, west] = agents;
    assert.ok(east !== undefined && west !== undefined);
    const copies = east.copies.map((copy) =>
      copy.dataset === 'users-east' ? { ...copy, sync } : copy,
    );
    const status = { ...rest, topology, agents: [{ ...east, copies }, west] };
    const [dataset] = topology.datasets;
    assert.ok(dataset !== undefined);
    const wide = { nowMs, columns: Number.POSITIVE_INFINITY };
    return [...statusScreen(status, wide), ...datasetLines(status, dataset, nowMs)].join('\n');
  };
  const well = show(true, 'every acknowledged write is on it');
  assert.match(well, /west-store +Healthy, in sync /);
  assert.match(well, /in sync for 3 min: every acknowledged write is on it/);
  assert.match(
    show(false, 'it does not follow now'),
    /not in sync for 3 min: it does not follow now/,
  );
});
