import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleReport, ServerRecord } from '../../index.ts';
import { asGeneration } from '../../generation.ts';
import { asServer, asStore } from '../../ids.ts';
import { anInventory, aPool, aReport, aServer, aStore, names } from '../../testing/index.ts';
import type { RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planFailover } from './plan-failover.ts';
import { planHydrations } from './plan-hydrations.ts';

const two = asServer('east-2');
const servers = [names.eastServer, two];
const home = aPool({ servers });
const roles: readonly RoleReport[] = [{ role: 'registrar', isUp: true, pools: [] }];

/** Both servers of pool east answer and run, but for the difference. */
function inventory(difference: Partial<Inventory> = {}): Inventory {
  const plain = anInventory();
  const { topology } = plain;
  const [, west = assert.fail()] = topology.pools;
  const spare = aStore({ name: asStore('east-spare'), server: two });
  return {
    ...plain,
    topology: {
      ...topology,
      servers: [...topology.servers, aServer({ name: two })],
      stores: [...topology.stores, spare],
      pools: [home, west],
    },
    reports: [
      ...plain.reports.map((report) => ({ ...report, roles })),
      aReport({ server: two, site: names.east, copies: [], stores: [], roles }),
    ],
    ...difference,
  };
}

const hydrated = (seen: Inventory) =>
  planHydrations(seen, {
    home,
    dataset: names.usersEast,
    servers,
    holder: names.eastServer,
  }).map(({ server, groups, holder }) => [server, groups.length, holder]);

test('each server of the pool loads its share; the others name whose store has the mount', () => {
  assert.deepEqual(hydrated(inventory()), [
    [names.eastServer, 4, undefined],
    [two, 4, names.eastServer],
  ]);
});

test('a server that is silent, down or drained loads nothing', () => {
  const { reports, decisions } = inventory();
  const alone = [[names.eastServer, 8, undefined]];
  assert.deepEqual(hydrated(inventory({ reports: reports.slice(0, 2) })), alone);
  const down = reports.map((report) => {
    const isUp = report.server !== two;
    return { ...report, roles: [{ role: 'registrar', isUp, pools: [] }] };
  });
  assert.deepEqual(hydrated(inventory({ reports: down })), alone);
  const generation = asGeneration(1);
  const drained: ServerRecord = { kind: 'server', server: two, generation, drained: 'new disks' };
  assert.deepEqual(hydrated(inventory({ decisions: [...decisions, drained] })), alone);
});

const request: RunRequest = {
  runbook: 'pool-failover',
  pool: names.eastPool,
  mode: 'planned',
  isPartnerOff: false,
  by: 'ada',
};

test('a planned failover goes on without a server that only shares the pool', () => {
  const seen = inventory();
  const silent = [{ server: two, why: 'connection refused' }];
  const planned = planFailover({ ...seen, silent, reports: seen.reports.slice(0, 2) }, request);
  const codes = planned.findings.map(({ severity, code }) => `${severity} ${code}`);
  assert.ok(codes.includes('warning partnerSilent'), codes.join());
  assert.ok(
    planned.findings.every(({ severity }) => severity === 'warning'),
    codes.join(),
  );
  assert.deepEqual(
    planned.plan?.hydrations.map(({ server }) => server),
    [names.westServer],
  );
});
