import type { DeploymentStatus } from '@understudy/api';
import { counted } from '@understudy/core';
import { countWaiting } from '../check/account-for-queued.ts';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import type { ProbeName } from '../measure/probe-log.ts';
import { rest } from '../users/pace.ts';
import type { DrillContext } from './drill-context.ts';

/** Waits until every probe has succeeded again; in words those that have not. */
export async function waitServed(context: DrillContext): Promise<readonly string[]> {
  const { traffic, signal } = context;
  const sinceMs = nowMs();
  while (nowMs() < sinceMs + bounds.servedMs) {
    signal.throwIfAborted();
    if (traffic.probes.notServedSince(sinceMs).length === 0) return [];
    await rest(bounds.pollMs / 4, signal);
  }
  return unservedWords(traffic.probes.notServedSince(sinceMs));
}

/** A line for each kind and pool, with the first few of those that are left. */
export function unservedWords(left: readonly ProbeName[]): readonly string[] {
  const groups = new Map<string, ProbeName[]>();
  for (const probe of left) {
    const group = `${probe.kind} ${probe.pool}`;
    groups.set(group, [...(groups.get(group) ?? []), probe]);
  }
  return [...groups.values()].map((probes) => {
    const [{ kind, pool } = { kind: '', pool: '' }] = probes;
    const named = probes.slice(0, namedMax).map(({ user }) => user);
    const users = [...named, ...(probes.length > namedMax ? ['…'] : [])].join(', ');
    const count = counted(probes.length, `${kind} probe`);
    return `not served again: ${count} of pool ${pool} (${users})`;
  });
}

const namedMax = 3;

/** Waits until nothing waits any more that was acknowledged in limited mode. */
export async function waitApplied({
  accounting,
  signal,
}: DrillContext): Promise<readonly string[]> {
  const deadlineMs = nowMs() + bounds.servedMs;
  for (;;) {
    signal.throwIfAborted();
    const waiting = await countWaiting(accounting);
    if (waiting === 0) return [];
    if (nowMs() > deadlineMs) return [`${counted(waiting, 'change')} of limited mode still waits`];
    await rest(bounds.settlePollMs, signal);
  }
}

/** Waits until every other copy is Healthy, then compares each with the active one. */
export async function waitVerified(context: DrillContext): Promise<readonly string[]> {
  const { deployment, signal, tell } = context;
  const deadlineMs = nowMs() + bounds.healthyMs;
  let unwell: readonly string[] = ['no agent answers'];
  while (nowMs() < deadlineMs && unwell.length > 0) {
    signal.throwIfAborted();
    const status = await deployment.client.status().catch(() => undefined);
    if (status !== undefined) unwell = unwellIn(status);
    if (unwell.length > 0) await rest(bounds.settlePollMs, signal);
  }
  if (unwell.length > 0) return unwell;
  const found: string[] = [];
  for (const { name } of deployment.topology.datasets) {
    const { results, why } = await deployment.client.verifyDataset(name);
    tell(`verify ${name}: ${why}`);
    if (results.length === 0) found.push(`no copy of ${name} was verified`);
    for (const { store, result } of results) {
      const [first] = result.differences;
      if (first === undefined) continue;
      const count = `${result.differences.length} differences`;
      found.push(`${name} on ${store}: ${count}, the first in ${first.table} at ${first.key}`);
    }
  }
  return found;
}

/** Copies that are neither mounted nor Healthy, and datasets that are not mounted just once. */
export function unwellIn({ topology, agents }: DeploymentStatus): readonly string[] {
  const copies = agents.flatMap((agent) => agent.copies);
  return topology.datasets.flatMap((dataset) => {
    const own = dataset.copies.map(({ store }) => ({
      store,
      report: copies.find((copy) => copy.dataset === dataset.name && copy.store === store),
    }));
    const mounted = own.filter(({ report }) => report?.state === 'mounted').length;
    const words = own
      .filter(({ report }) => report?.state !== 'mounted' && report?.state !== 'healthy')
      .map(({ store, report }) => {
        const state = report === undefined ? 'not reported' : `${report.state} (${report.why})`;
        return `${dataset.name} on ${store} is ${state}`;
      });
    return mounted === 1 ? words : [...words, `${mounted} copies of ${dataset.name} are mounted`];
  });
}
