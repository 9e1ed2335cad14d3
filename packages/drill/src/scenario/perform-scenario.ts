import { findUndelivered } from '../check/account-for-messages.ts';
import { findUnapplied, type SilentPool } from '../check/account-for-queued.ts';
import { findListed, findMissing, findNowhere } from '../check/account-for-writes.ts';
import { type Evidence, judgeScenario } from '../check/judge-scenario.ts';
import type { KeptWrite } from '../check/write-ledger.ts';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import { probeKinds } from '../measure/probe-log.ts';
import type { Window } from '../measure/attempt-series.ts';
import type { ScenarioName } from '../report/drill-document.ts';
import type { PerformedStep, ScenarioResult } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { RunFailedError } from './follow-run.ts';
import { waitApplied, waitServed, waitVerified } from './wait-restored.ts';

export type Scenario = {
  readonly name: ScenarioName;
  /** In words, for people who watch. */
  readonly about: string;
  act(context: DrillContext): Promise<Acted>;
  /** Whether all stores are there at the end, so that copies can be compared. */
  readonly isWhole: boolean;
  /** A pool that nobody serves in full at the end. */
  readonly silent?: SilentPool;
};

/** What one scenario leaves for the next. */
export type Memory = {
  /** Acknowledged writes that are known to be lost; each counts once, until it is merged. */
  readonly lost: Map<string, KeptWrite>;
  /** Of these, those that a ledger was seen to list. */
  readonly listed: Set<string>;
  /** Contradictions that were told before. */
  readonly contradictions: Set<string>;
  countedUntilMs: number;
};

/** Calm, the act, full service, then the checkers. */
export async function performScenario(
  context: DrillContext,
  scenario: Scenario,
  memory: Memory,
): Promise<ScenarioResult> {
  const calmFromMs = nowMs();
  await rest(bounds.calmMs, context.signal);
  const fromMs = nowMs();
  const acted = await actAndSettle(context, scenario);
  const toMs = nowMs();
  const evidence = await gather(context, { scenario, acted, memory, untilMs: toMs });
  const { probes, ledger, messages } = context.traffic;
  const counted = { fromMs: memory.countedUntilMs, toMs };
  memory.countedUntilMs = toMs;
  const window = { fromMs, toMs };
  return {
    name: scenario.name,
    ...judgeScenario(evidence),
    window,
    outages: probes.outages(window),
    calmOutages: probes.gapsWithin({ fromMs: calmFromMs, toMs: fromMs }),
    ackedWrites: ledger.count(counted),
    ackedMessages: messages.count(counted),
    queuedWrites: ledger.countQueued(counted),
    lostWrites: evidence.lostWrites,
    mergedWrites: evidence.mergedWrites,
    conflictedWrites: evidence.conflictedWrites,
    quotedWrites: acted.allowance?.quotedWrites ?? 0,
    steps: acted.steps,
    ...pictureOf(context, { fromMs: calmFromMs, toMs }),
    ...(acted.commandMs === undefined ? {} : { commandMs: acted.commandMs }),
  };
}

type Settled = Acted & { readonly failure?: string; readonly notRestored: readonly string[] };

async function actAndSettle(context: DrillContext, scenario: Scenario): Promise<Settled> {
  try {
    const acted = await scenario.act(context);
    return { ...acted, notRestored: await waitRestored(context, scenario) };
  } catch (error) {
    context.signal.throwIfAborted();
    const steps: readonly PerformedStep[] = error instanceof RunFailedError ? error.steps : [];
    return { steps, failure: (error as Error).message, notRestored: [] };
  }
}

async function waitRestored(
  context: DrillContext,
  { isWhole, silent }: Scenario,
): Promise<readonly string[]> {
  const unserved = await waitServed(context);
  if (unserved.length > 0) return unserved;
  const waiting = silent === undefined ? await waitApplied(context) : [];
  return waiting.length === 0 && isWhole ? await waitVerified(context) : waiting;
}

type Counted = Pick<
  Evidence,
  | 'lostWrites'
  | 'lackedWrites'
  | 'mergedWrites'
  | 'conflictedWrites'
  | 'nowhere'
  | 'undelivered'
  | 'unapplied'
>;

const nothingCounted: Counted = {
  lostWrites: 0,
  lackedWrites: 0,
  mergedWrites: 0,
  conflictedWrites: 0,
  nowhere: 0,
  undelivered: 0,
  unapplied: 0,
};

type Gathering = {
  readonly scenario: Scenario;
  readonly acted: Settled;
  readonly memory: Memory;
  readonly untilMs: number;
};

async function gather(context: DrillContext, gathering: Gathering): Promise<Evidence> {
  const { acted, memory } = gathering;
  const contradictions = context.traffic.ledger.evidence
    .contradictions()
    .filter((each) => !memory.contradictions.has(each));
  for (const each of contradictions) memory.contradictions.add(each);
  const { notRestored, allowance } = acted;
  const said = {
    contradictions,
    notRestored,
    ...(allowance === undefined ? {} : { allowance }),
  };
  try {
    const counted = await countLost(context, gathering);
    return {
      ...said,
      ...counted,
      ...(acted.failure === undefined ? {} : { failure: acted.failure }),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    const words = `the writes could not be accounted for: ${(error as Error).message}`;
    const failure = acted.failure === undefined ? words : `${acted.failure}; ${words}`;
    return { ...said, failure, ...nothingCounted };
  }
}

async function countLost(
  { accounting: all }: DrillContext,
  { scenario, acted, memory, untilMs }: Gathering,
): Promise<Counted> {
  const { isWhole, silent } = scenario;
  const isServed = ({ pool }: { readonly pool: string }) => pool !== silent?.pool;
  const accounting = { ...all, pools: all.pools.filter(isServed) };
  const unapplied = (await findUnapplied(all, untilMs, silent)).length;
  const { lacking = [] } = acted;
  for (const each of lacking) memory.lost.set(each.id, each);
  const missing = await findMissing(accounting, untilMs);
  const fresh = missing.filter(({ id }) => !memory.lost.has(id));
  const stillLost = new Set(missing.map(({ id }) => id));
  const counted = [...memory.lost.values()].filter(isServed).map(({ id }) => id);
  const merged = counted.filter((id) => !stillLost.has(id));
  for (const id of merged) memory.lost.delete(id);
  for (const each of fresh) memory.lost.set(each.id, each);
  const listed = (await findListed(accounting, missing)).filter(({ id }) => !memory.listed.has(id));
  for (const { id } of listed) memory.listed.add(id);
  const undelivered = (await findUndelivered(accounting, untilMs)).length;
  return {
    lostWrites: fresh.length,
    lackedWrites: lacking.length,
    mergedWrites: merged.length,
    conflictedWrites: listed.length,
    nowhere: isWhole ? (await findNowhere(accounting, missing)).length : 0,
    undelivered,
    unapplied,
  };
}

const pictureBins = 300;

function pictureOf({ traffic, accounting }: DrillContext, picture: Window) {
  const tracks = accounting.pools.flatMap(({ pool }) =>
    probeKinds.map((kind) => ({
      kind,
      pool,
      bins: traffic.probes.series(kind, pool).bins(picture, pictureBins),
    })),
  );
  return { picture, tracks };
}
