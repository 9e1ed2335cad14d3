import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration } from '../../generation.ts';
import type { RunRequest } from '../../run/run-request.ts';
import {
  aCopyReport,
  aMountedReport,
  anInventory,
  aRecord,
  aReport,
  names,
} from '../../testing/index.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planWords } from './plan-words.ts';
import { planReturn } from './plan-return.ts';

const request: RunRequest = {
  runbook: 'site-return',
  server: names.eastServer,
  mode: 'planned',
  isPartnerOff: false,
  by: 'system',
};
const second = asGeneration(2);
const former = {
  store: names.eastStore,
  since: asGeneration(1),
  generation: asGeneration(1),
  how: 'forced' as const,
};
const inWest = aRecord({ active: names.westStore, generation: second, since: second, former });

/** West was activated by force; east is back and holds writes that nobody has. */
function afterForcing(state: 'diverged' | 'healthy' = 'diverged'): Inventory {
  const mountedGeneration = asGeneration(1);
  return anInventory({
    decisions: [inWest],
    reports: [
      aReport({
        server: names.eastServer,
        site: names.east,
        copies: [aCopyReport({ store: names.eastStore, state, mountedGeneration })],
      }),
      aReport({ copies: [aMountedReport({ store: names.westStore })] }),
    ],
  });
}

test('a diverged copy is set aside by the generation of its writes and seeded afresh', () => {
  const { plan, findings } = planReturn(afterForcing(), request);
  assert.deepEqual(findings, []);
  assert.equal(plan?.leader, names.eastServer);
  assert.deepEqual(plan?.returns, [
    {
      dataset: names.usersEast,
      at: { store: names.eastStore, server: names.eastServer },
      record: inWest,
      link: {
        dataset: names.usersEast,
        from: names.westStore,
        to: names.eastStore,
        since: second,
      },
      setAsideAs: 'users_east_gen1',
    },
  ]);
});

test('a database that was set aside earlier keeps its name', () => {
  const inventory = afterForcing();
  const [first] = planReturn(inventory, request).plan?.returns ?? [];
  const earlier = { store: names.eastStore, database: first!.setAsideAs };
  const elsewhere = { store: names.westStore, database: `${first!.setAsideAs}_2` };
  const reports = inventory.reports.map((report) => ({
    ...report,
    setAside: [earlier, elsewhere],
  }));
  const [again] = planReturn({ ...inventory, reports }, request).plan?.returns ?? [];
  assert.equal(again?.setAsideAs, `${earlier.database}_2`);
});

const kept = {
  store: names.eastStore,
  database: 'users_east_gen1',
  dataset: names.usersEast,
  salvage: 'one',
  unreadBytes: 4_096,
};

function withAside(state: 'diverged' | 'healthy'): Inventory {
  const inventory = afterForcing(state);
  const reports = inventory.reports.map((report) =>
    report.server === names.eastServer ? { ...report, setAside: [kept, kept] } : report,
  );
  return { ...inventory, reports };
}

test('A3: what is set aside and was not read is salvaged though no copy is diverged', () => {
  const { plan, findings } = planReturn(withAside('healthy'), request);
  assert.deepEqual(findings, []);
  assert.deepEqual(plan?.returns, []);
  const at = { store: names.eastStore, server: names.eastServer };
  const into = { store: names.westStore, server: names.westServer };
  assert.deepEqual(plan?.salvages, [{ dataset: names.usersEast, at, into, record: inWest }]);
});

test('what-if says how much of a tail stands there', () => {
  const { plan } = planReturn(withAside('diverged'), request);
  const words = planWords(plan!, { planHash: 'hash', expectedMs: new Map() });
  assert.equal(plan?.salvages.length, 1);
  const said = words.filter((each) => each.includes('unread'));
  assert.ok(said.includes('users-east on east-store: at most 4096 bytes of its log are unread'));
});

test('a database of an earlier release is left to whoever set it aside', () => {
  const inventory = afterForcing('healthy');
  const { store, database } = kept;
  const reports = inventory.reports.map((each) => ({ ...each, setAside: [{ store, database }] }));
  const { findings } = planReturn({ ...inventory, reports }, request);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['nothingToReturn'],
  );
});

test('what stops a return, each by its name', () => {
  const codes = (inventory: Inventory) =>
    planReturn(inventory, request).findings.map(({ code }) => code);
  assert.deepEqual(codes(afterForcing('healthy')), ['nothingToReturn']);
  assert.deepEqual(codes({ ...afterForcing(), reports: [] }), ['targetSilent']);
  const [east] = afterForcing().reports;
  assert.deepEqual(codes({ ...afterForcing(), reports: [east!] }), ['sourceNotMounted']);
  assert.deepEqual(codes({ ...afterForcing(), decisions: [] }), ['noActiveRecord']);
});

test('E1: a copy that took writes above the active one waits until that is mounted higher', () => {
  const inventory = afterForcing();
  const reports = inventory.reports.map((report) => ({
    ...report,
    copies: report.copies.map((copy) =>
      copy.store === names.eastStore ? { ...copy, mountedGeneration: second } : copy,
    ),
  }));
  const { findings } = planReturn({ ...inventory, reports }, request);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['activeBelow'],
  );
});
