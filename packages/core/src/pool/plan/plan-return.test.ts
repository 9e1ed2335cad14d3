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
  const kept = { store: names.eastStore, database: first!.setAsideAs };
  const elsewhere = { store: names.westStore, database: `${first!.setAsideAs}_2` };
  const reports = inventory.reports.map((report) => ({ ...report, setAside: [kept, elsewhere] }));
  const [again] = planReturn({ ...inventory, reports }, request).plan?.returns ?? [];
  assert.equal(again?.setAsideAs, `${kept.database}_2`);
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
