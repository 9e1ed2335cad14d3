import { type Decision, type DatasetName, newestDecisions } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import { actOnCopy, slowActions } from './duty/act-on-copy.ts';
import { admitFollowers } from './duty/admit-followers.ts';
import { beginReturn } from './duty/begin-return.ts';
import { carryQueued } from './duty/carry-queued.ts';
import { cycleVerdict, isNews } from './duty/cycle-verdict.ts';
import { hydrateMissing } from './duty/hydrate-missing.ts';
import { judgeActivation } from './duty/judge-activation.ts';
import { learnRuns } from './duty/learn-runs.ts';
import { obeyMembership } from './duty/obey-membership.ts';
import { reconcileMounts } from './duty/reconcile-mounts.ts';
import { resumeRuns } from './duty/resume-runs.ts';
import { tendFlushing } from './duty/tend-flushing.ts';
import { tendLinks } from './duty/tend-links.ts';
import { tendSchema } from './duty/tend-schema.ts';
import { verifyNext } from './duty/verify-next.ts';
import { watchLeases } from './duty/watch-leases.ts';
import type { Leading } from './lead/leading.ts';
import { learnHere } from './mount/learn-here.ts';
import type { Hands } from './mount/open-mount.ts';
import { shutForGood } from './mount/shut-mount.ts';
import { askPartners } from './observe/ask-partners.ts';
import {
  type JudgedCopy,
  judgeCopies,
  rememberApplyErrors,
  rememberAwaiting,
} from './observe/judge-copies.ts';
import { judgeIdentities } from './observe/judge-identities.ts';
import { wordsOf } from './observe/look-at-store.ts';
import { type LocalLook, lookHere } from './observe/look-here.ts';
import { ownDatasets } from './own-store.ts';
import { judgeLimitedPools } from './supervise/limited-pools.ts';
import { noteQueued } from './supervise/queued-pools.ts';
import { renewMounts } from './supervise/renew-mounts.ts';

/**
 * One cycle: observe, diagnose, decide by the tables, act, and say it in one sentence. What an
 * order is doing is left alone, and so is all that changed since the look began.
 */
export async function runCycle(hands: Hands, leading: Leading): Promise<string> {
  const { parts, memory } = hands;
  const stamps = new Map(
    ownDatasets(parts).map(({ dataset }) => [dataset, memory.queue.stamp(dataset)]),
  );
  const isFresh = (dataset: DatasetName): boolean =>
    memory.queue.isIdle(dataset) && memory.queue.stamp(dataset) === stamps.get(dataset);
  const [look] = await Promise.all([lookHere(parts, memory), askPartners(parts, memory)]);
  const said: string[] = [];
  const attempt = attempting(hands, said);
  await attempt('learning what partners know', () => learnFromPartners(hands));
  await attempt('learning how runs ended', () => learnRuns(hands));
  await attempt('recording the stores of partners', () => judgeIdentities(parts, memory, look));
  await attempt('obeying the membership', () => obeyMembership(hands));
  watchLeases(hands);
  judgeActivation(parts, memory);
  const judged = judgeCopies(parts, memory, look);
  rememberApplyErrors(memory, look);
  rememberAwaiting(memory, look, judged);
  reconcileMounts(parts, memory, { judged, isFresh });
  noteQueued(parts, memory, look);
  const limited = judgeLimitedPools(parts, memory, { judged, look });
  await settle(hands);
  await tellLimited(hands, limited);
  const free = judged.filter(({ dataset }) => isFresh(dataset));
  await Promise.all(free.map((each) => tendCopy(hands, each)));
  await attempt('carrying what was queued', async () => said.push(...(await carryQueued(hands))));
  verifyNext(hands, free);
  await attempt('tending the roles', () => tendRoles(hands, { leading, judged, look, said }));
  const verdict = cycleVerdict(memory, { judged, said });
  if (isNews(verdict, memory.verdict)) parts.log.say('info', verdict);
  memory.verdict = verdict;
  return verdict;
}

/** A change of limited mode is said once, and acts at once. */
async function tellLimited(
  { parts, assigner }: Hands,
  sentences: readonly string[],
): Promise<void> {
  for (const sentence of sentences) parts.log.say('warn', sentence);
  if (sentences.length > 0) await assigner.assign();
}

/** What was adopted is renewed before the roles hear anything: they serve it without a gap. */
async function settle(hands: Hands): Promise<void> {
  if (hands.memory.isSettled) return;
  hands.memory.isSettled = true;
  await renewMounts(hands);
}

/**
 * A duty that fails or hangs is said and does not keep the others from being done; one that hangs
 * is not begun a second time before it has ended.
 */
function attempting({ parts, memory }: Hands, said: string[]) {
  const ms = parts.topology.limits.storeTimeoutMs;
  return async (what: string, duty: () => Promise<unknown>): Promise<void> => {
    try {
      await memory.patience.within({ ms, what }, duty);
    } catch (error) {
      said.push(wordsOf(error));
    }
  };
}

/** Decisions that partners know and this server does not; the roles hear of them at once. */
async function learnFromPartners({ parts, memory, assigner }: Hands): Promise<void> {
  const theirs: readonly (readonly Decision[])[] = [...memory.partners.values()].map((view) =>
    view.isSilent ? [] : view.report.decisions,
  );
  const before = memory.decisions;
  await learnHere(parts, memory, newestDecisions(...theirs));
  if (memory.decisions !== before) await assigner.assign();
}

/** The copy's own duty, one act at a time with orders; a slow one goes on beside the cycle. */
async function tendCopy(hands: Hands, judged: JudgedCopy): Promise<void> {
  const { memory } = hands;
  const { dataset, judgement } = judged;
  const action = judgement.next?.action;
  const act = memory.queue.run(dataset, () => actAndTend(hands, judged));
  const said = act.then(
    (done) => {
      if (done === undefined) memory.outcomes.delete(dataset);
      else memory.outcomes.set(dataset, done);
    },
    (error: unknown) => {
      memory.outcomes.set(dataset, `${action ?? 'tending it'} failed: ${wordsOf(error)}`);
    },
  );
  if (action !== undefined && slowActions.has(action)) return;
  // Its store may hang from one moment to the next: the other copies are tended all the same, and
  // this one again when the act has ended.
  const bound = { ms: hands.parts.topology.limits.storeTimeoutMs, what: `tending ${dataset}` };
  await withTimeout(hands.parts.clock, bound, () => said).catch(() => {
    memory.outcomes.set(dataset, `${action ?? 'tending it'} goes on`);
  });
}

async function actAndTend(hands: Hands, judged: JudgedCopy): Promise<string | undefined> {
  const { own, dataset, situation, judgement } = judged;
  if (judgement.next?.action === 'seedFromActive') hands.memory.doing.set(dataset, 'seeding');
  try {
    if (situation.copy !== undefined) await shutForGood(hands.parts, own, situation.copy);
    await stopFollowingTheDead(hands, judged);
    await admitFollowers(hands, judged);
    const done = await actOnCopy(hands, judged);
    await tendLinks(hands, judged);
    await tendFlushing(hands.parts, judged);
    return done ?? (await tendSchema(hands, judged));
  } finally {
    hands.memory.doing.delete(dataset);
  }
}

/** A source that went back in time is followed no further, connected or not (E10). */
async function stopFollowingTheDead({ memory }: Hands, judged: JudgedCopy): Promise<void> {
  const { own, dataset, situation } = judged;
  const following = situation.copy?.following;
  if (following?.isEnabled !== true || !memory.takenBack.has(following.link.from)) return;
  await own.engine.suspend(dataset);
}

/** A return that was cut off, or a copy that was seeded anew: it waits to be read (A3). */
function hasUnreadAside({ parts }: Hands, { stores }: LocalLook): boolean {
  const own = new Set(ownDatasets(parts).map(({ dataset }) => dataset));
  return stores.some(({ setAside }) =>
    setAside.some(
      ({ dataset, salvage }) => salvage !== undefined && dataset !== undefined && own.has(dataset),
    ),
  );
}

type Tending = {
  readonly leading: Leading;
  readonly judged: readonly JudgedCopy[];
  readonly look: LocalLook;
  readonly said: string[];
};

/** What concerns the server as a whole: its roles' routing groups, and its return. */
async function tendRoles(hands: Hands, { leading, judged, look, said }: Tending): Promise<void> {
  // Idempotent: a process that runs and is only slow to answer is left alone.
  if (look.roles.every(({ isUp }) => !isUp)) await hands.parts.supervisor.startRoles();
  said.push(...(await hydrateMissing(hands, look)));
  const resumed = await resumeRuns(hands, leading);
  if (resumed !== undefined) said.push(resumed);
  const isDiverged = judged.some(({ judgement }) => judgement.next?.action === 'beginReturn');
  if (!isDiverged && !hasUnreadAside(hands, look)) return;
  const begun = await beginReturn(hands, leading);
  if (begun !== undefined) said.push(begun);
}
