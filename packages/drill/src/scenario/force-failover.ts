import type { PlanAnswer, RunRequestBody } from '@understudy/api';
import { asPool } from '@understudy/core';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { collectMessages } from './collect-messages.ts';
import { followRun } from './follow-run.ts';

export type ForcedFailover = { readonly pool: string; readonly site: string };

/** A site is dead; an operator reads the quote, accepts it and forces. */
export async function forceFailover(
  context: DrillContext,
  { pool, site }: ForcedFailover,
): Promise<Acted> {
  const { deployment, traffic, accounting } = context;
  const commandMs = nowMs();
  const request = forcedRequest(pool);
  const { quoteId, quotedWrites, quotedMs } = await askQuote(context, request);
  context.tell(`quoted: up to ${quotedWrites} writes may be lost`);
  const accepted = quoteId === undefined ? {} : { acceptedQuote: quoteId };
  const { run } = await deployment.client.startRun({ ...request, ...accepted });
  const steps = await followRun(context, run);
  const stores = accounting.pools.find((each) => each.pool === pool)?.stores ?? [];
  const dead = new Set(
    deadStores(deployment.topology, site).filter((each) => stores.includes(each)),
  );
  const since = traffic.ledger.of(pool).filter((each) => each.endMs > quotedMs);
  const acknowledgedSince = since.filter((each) =>
    each.stores.some((store) => dead.has(store)),
  ).length;
  const collected = await collectMessages(context, pool);
  const allowance = { quotedWrites, acknowledgedSince };
  return { steps: [...steps, collected], commandMs, allowance };
}

/** A forced failover with the operator's word that the other site is off. */
export function forcedRequest(pool: string) {
  return {
    runbook: 'pool-failover',
    pool: asPool(pool),
    mode: 'forced',
    isPartnerOff: true,
  } as const;
}

function deadStores(
  { servers, stores }: DrillContext['deployment']['topology'],
  site: string,
): readonly string[] {
  const own = servers.filter((server) => server.site === site).map(({ name }) => name);
  return stores.filter(({ server }) => own.includes(server)).map(({ name }) => name);
}

/** Asks until the survivor has noticed enough to quote. */
export async function askQuote({ deployment, signal }: DrillContext, request: RunRequestBody) {
  const deadlineMs = nowMs() + bounds.servedMs;
  let last: unknown;
  while (nowMs() < deadlineMs) {
    signal.throwIfAborted();
    const quotedMs = nowMs();
    const planned = await deployment.client.plan(request).catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (planned !== undefined && !isRefused(planned)) {
      return { quotedMs, quotedWrites: quotedIn(planned), quoteId: planned.quoteId };
    }
    last = planned?.findings.map(({ code, why }) => `${code}: ${why}`).join('; ') ?? last;
    await rest(bounds.pollMs, signal);
  }
  throw new Error(`the forced failover was refused: ${String(last)}`);
}

/** A loss beyond the limit is what accepting the quote is for. */
export function isRefused({ findings, quoteId }: PlanAnswer): boolean {
  return findings.some(
    ({ severity, code }) =>
      severity === 'refusal' && !(code === 'lossBeyondLimit' && quoteId !== undefined),
  );
}

/** What is known to be missing plus what may be (A5). */
export function quotedIn({ quotes = [] }: Pick<PlanAnswer, 'quotes'>): number {
  const counts = quotes.map(({ knownMissing, mayBeMissing = 0 }) => knownMissing + mayBeMissing);
  return Math.ceil(counts.reduce((sum, each) => sum + each, 0));
}
