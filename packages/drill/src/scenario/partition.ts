import type { RunRequestBody } from '@understudy/api';
import { bounds } from '../bounds.ts';
import { findMissing, findServingStore } from '../check/account-for-writes.ts';
import { type Between, witnessPlace } from '../ways/open-ways.ts';
import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { followRun, RunFailedError } from './follow-run.ts';
import { askQuote, forceFailover, forcedRequest, isRefused } from './force-failover.ts';
import { followReturn } from './return-site.ts';
import { switchPool } from './switch-pool.ts';
import { waitVerified } from './wait-restored.ts';

export type Partition = {
  readonly pool: string;
  /** Where the pool is at home, and where its backup is. */
  readonly site: string;
  readonly otherSite: string;
};

/**
 * The sites are cut from each other: home goes on by the witness's vote, and the other side is
 * refused what it is told to take. Then home is cut off from the witness too, shuts its gates, and
 * the other side takes over. What home had acknowledged alone comes back when the ways are whole.
 */
export async function partition(context: DrillContext, which: Partition): Promise<Acted> {
  const { pool, site, otherSite } = which;
  const other = seenFrom(context, otherSite);
  const cable = await cut(context, [[site, otherSite]]);
  await outliveLease(context);
  const refused = await beRefusedByLease(other, pool);
  await assertServing(context, which);
  const healed = await heal(context);

  const lonely = await cut(context, [
    [site, otherSite],
    [site, witnessPlace],
  ]);
  const forced = await forceFailover(other, { pool, site });
  const lacking = await findMissing(context.accounting, nowMs());
  context.tell(`${lacking.length} acknowledged writes are missing while ${site} is cut off`);
  const healedMs = nowMs();
  const whole = await heal(context, async () => await followReturn(other, healedMs));
  const home = await switchPool(context, 'pool-failback', pool);
  const steps = [cable, refused, ...healed, lonely, ...forced.steps, ...whole, ...home.steps];
  return { ...forced, steps, lacking };
}

/**
 * Two sites without a witness are cut from each other. Nobody can tell which is dead, so the other
 * side is refused without a word about home, and home goes on for as long as it likes (V6).
 */
export async function partitionWithoutWitness(
  context: DrillContext,
  which: Partition,
): Promise<Acted> {
  const { pool, site, otherSite } = which;
  const cable = await cut(context, [[site, otherSite]]);
  await outliveLease(context);
  const refused = await beRefusedWithoutWord(seenFrom(context, otherSite), pool);
  await assertServing(context, which);
  return { steps: [cable, refused, ...(await heal(context))] };
}

/** No lease lives for so long that nobody renews. */
async function outliveLease({ deployment, signal }: DrillContext): Promise<void> {
  await rest(deployment.topology.limits.leaseMs, signal);
}

/** Commands are given at this site, which is cut from the other. */
function seenFrom(context: DrillContext, site: string): DrillContext {
  const { deployment } = context;
  return { ...context, deployment: { ...deployment, client: deployment.clientOf(site) } };
}

async function cut(
  { deployment, tell }: DrillContext,
  all: readonly Between[],
): Promise<PerformedStep> {
  const startMs = nowMs();
  await deployment.cut(...all);
  const why = `nothing passes between ${all.map((each) => each.join(' and ')).join(', ')}`;
  tell(why);
  return { name: 'cut', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}

/** Makes every way whole, and waits until all copies are well again. */
async function heal(
  context: DrillContext,
  follow: () => Promise<readonly PerformedStep[]> = async () => [],
): Promise<readonly PerformedStep[]> {
  const startMs = nowMs();
  await context.deployment.cut();
  context.tell('every way is whole again');
  const followed = await follow();
  const unwell = await waitVerified(context);
  if (unwell.length > 0) throw new Error(`not well after healing: ${unwell.join('; ')}`);
  const why = 'every way is whole again, and every copy is well';
  return [...followed, { name: 'heal', why, endMs: nowMs(), tookMs: nowMs() - startMs }];
}

/**
 * Forced with a word that is not true. Where the voters that this side reaches see the lease
 * renewed, the plan is refused; else the run is, by the lease.
 */
async function beRefusedByLease(context: DrillContext, pool: string): Promise<PerformedStep> {
  const startMs = nowMs();
  const request = forcedRequest(pool);
  const why =
    (await refusedWith(context, { request, code: 'leaseRenewed' })) ??
    (await failedByLease(context, request));
  context.tell(why);
  return { name: 'be-refused', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}

async function failedByLease(context: DrillContext, request: RunRequestBody): Promise<string> {
  const { quoteId } = await askQuote(context, request);
  const accepted = quoteId === undefined ? {} : { acceptedQuote: quoteId };
  const { run } = await context.deployment.client.startRun({ ...request, ...accepted });
  const why = await followRun(context, run).then(
    () => 'it was taken while its home served it',
    (error: unknown) => {
      if (error instanceof RunFailedError) return error.message;
      throw error;
    },
  );
  if (/the lease of .* cannot be taken/.test(why)) return why;
  throw new Error(`pool ${request.pool} was not refused by its lease: ${why}`);
}

async function beRefusedWithoutWord(context: DrillContext, pool: string): Promise<PerformedStep> {
  const startMs = nowMs();
  const { isPartnerOff: _, ...request } = forcedRequest(pool);
  const why = await refusedWith(context, { request, code: 'partnerMayBeOn' });
  if (why === undefined) throw new Error(`nothing refuses to take pool ${pool} without a word`);
  context.tell(why);
  return { name: 'be-refused', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}

/**
 * Why a plan is refused with this code; undefined when it would be carried out. Asked until the
 * other side is known to be silent, for as long as it seems to answer that refuses.
 */
async function refusedWith(
  { deployment, signal }: DrillContext,
  { request, code }: { readonly request: RunRequestBody; readonly code: string },
): Promise<string | undefined> {
  const deadlineMs = nowMs() + bounds.servedMs;
  let last: unknown;
  while (nowMs() < deadlineMs) {
    signal.throwIfAborted();
    const planned = await deployment.client.plan(request).catch((error: unknown) => {
      last = error;
      return undefined;
    });
    const refusals = planned?.findings.filter(({ severity }) => severity === 'refusal') ?? [];
    const found = refusals.find((each) => each.code === code);
    if (found !== undefined) return found.why;
    if (planned !== undefined && !isRefused(planned)) return undefined;
    last = refusals.map(({ why }) => why).join('; ') || last;
    await rest(bounds.pollMs, signal);
  }
  throw new Error(`the plan was refused for another reason: ${String(last)}`);
}

/** The pool's one open gate is at home. */
async function assertServing(context: DrillContext, { pool, site }: Partition): Promise<void> {
  const { accounting, deployment } = context;
  const { servers, stores } = deployment.topology;
  for (const copies of accounting.pools.filter((each) => each.pool === pool)) {
    const store = await findServingStore(accounting.stores, copies);
    const server = stores.find(({ name }) => name === store)?.server;
    const place = servers.find(({ name }) => name === server)?.site;
    if (place !== site) throw new Error(`${copies.dataset} is mounted on ${store}, not at ${site}`);
  }
}
