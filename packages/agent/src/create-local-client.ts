import {
  type Decision,
  type Generation,
  groupRecordOf,
  type Order,
  type RunRow,
} from '@understudy/core';
import {
  type AgentClient,
  type ControlStore,
  type Decided,
  OrderFailedError,
  OrderRefusedError,
  type RoleControl,
  type Taken,
  type VoteQuestion,
} from '@understudy/ports';
import { obeyMembership } from './duty/obey-membership.ts';
import { answerVote } from './lease/answer-vote.ts';
import { giveBackDecision, takeForDecision } from './lease/take-for-decision.ts';
import { detachDecided } from './mount/detach-for-mount.ts';
import { learnHere } from './mount/learn-here.ts';
import type { AgentParts } from './agent-parts.ts';
import type { Hands } from './mount/open-mount.ts';
import { buildReport } from './observe/build-report.ts';
import { lookForReport } from './observe/look-here.ts';
import { wordsOf } from './observe/look-at-store.ts';
import type { Obey } from './obey/create-obey.ts';
import { checkAttempt } from './obey/attempts.ts';
import { RefusedHere } from './obey/refuse.ts';
import { handOn } from './supervise/hand-on.ts';
import { firstStore } from './own-store.ts';

/** This agent as its own leader and its peers' API see it: an AgentClient without a network. */
export function createLocalClient(hands: Hands, obey: Obey): AgentClient {
  const { parts, memory } = hands;
  const { server } = parts;

  const ask = <Result>(act: (control: ControlStore) => Promise<Result>): Promise<Result> =>
    askControl(parts, act);

  /** What a leader decides that was taken over is refused as its orders are (E14). */
  async function refuseStale(by: Pick<Order, 'run' | 'attempt'>): Promise<void> {
    try {
      await checkAttempt(parts, memory, by);
    } catch (error) {
      if (!(error instanceof RefusedHere))
        throw new OrderFailedError(`${server}: ${wordsOf(error)}`);
      throw new OrderRefusedError(server, { code: error.code, why: error.message });
    }
  }

  /** A run holds its copies from the moment it is taken, not from the next look. */
  function remember(row: RunRow, taken: Taken): Taken {
    if (taken.isDone) memory.runs = [row, ...memory.runs.filter(({ id }) => id !== row.id)];
    return taken;
  }

  return {
    server,
    obey,
    async report() {
      // Who asks whether something is decided is not told before what is under way has ended.
      await Promise.allSettled(memory.deciding.values());
      return buildReport(parts, memory, await lookForReport(parts, memory));
    },
    async decide(next, expected, by) {
      refuseTakenBack(hands, next);
      const refuse = by === undefined ? async () => {} : () => refuseStale(by);
      const deciding = decideHere(hands, { next, expected }, refuse);
      memory.deciding.set(next, deciding);
      try {
        return await deciding;
      } finally {
        memory.deciding.delete(next);
      }
    },
    async learn(decisions) {
      await ask(() => learnHere(parts, memory, decisions));
      // What is mounted here goes on only under the newer membership: not after the next look.
      if (groupRecordOf(decisions) !== undefined) void obeyInTime(hands);
    },
    async takeRun(row, expected) {
      // Its own return decides nothing, and is what ends that state.
      if (row.subject !== `server:${server}`) refuseTakenBack(hands);
      const taken = remember(row, await ask((control) => control.takeRun(row, expected)));
      // From here on nothing of an attempt before is carried out here (E14). Where the note cannot
      // be made, the first order of this attempt makes it.
      const by = { run: row.id, attempt: row.attempt };
      if (taken.isDone) await checkAttempt(parts, memory, by).catch(() => {});
      return taken;
    },
    saveRun: async (row) => remember(row, await ask((control) => control.saveRun(row))),
    readRuns: () => ask((control) => control.readRuns()),
    appendJournal: (lines) => ask((control) => control.appendJournal(lines)),
    readJournal: (run) => ask((control) => control.readJournal(run)),
    handOn: (question) => handOn(hands, question),
    readQueued: (pool) => askRoles(parts, (roles) => roles.readQueue({ pool })),
    clearQueued: (pool, done) => askRoles(parts, (roles) => roles.clearQueue({ pool, done })),
    vote: (question) => vote(hands, question),
  };
}

async function askControl<Result>(
  parts: AgentParts,
  act: (control: ControlStore) => Promise<Result>,
): Promise<Result> {
  const { server } = parts;
  const own = firstStore(parts);
  if (own === undefined) throw new OrderFailedError(`${server} has no store to decide in`);
  try {
    return await act(own.control);
  } catch (error) {
    throw new OrderFailedError(`${server}: ${wordsOf(error)}`);
  }
}

type Deciding = { readonly next: Decision; readonly expected: Generation | undefined };

/**
 * The lease first, where there are votes: it is what a decision is made by. Voters may be waited
 * for, and the run be taken over meanwhile (E14): the later attempt may use the same lease, so it
 * is not given back here.
 */
async function decideHere(
  hands: Hands,
  { next, expected }: Deciding,
  refuseStale: () => Promise<void>,
): Promise<Decided> {
  const { parts, memory } = hands;
  await refuseStale();
  await takeForDecision(parts, next);
  await refuseStale();
  const decided = await askControl(parts, (control) => control.decide(next, expected));
  if (!decided.isDone) {
    await giveBackDecision(parts, next);
    return decided;
  }
  await askControl(parts, () => learnHere(parts, memory, [next], firstStore(parts)));
  detachDecided(hands, next);
  return decided;
}

async function obeyInTime(hands: Hands): Promise<void> {
  await obeyMembership(hands).catch((error: unknown) => {
    hands.parts.log.say('warn', `the membership is not obeyed yet: ${wordsOf(error)}`);
  });
}

async function askRoles<Result>(
  { roles, server }: AgentParts,
  act: (roles: RoleControl) => Promise<Result>,
): Promise<Result> {
  try {
    return await act(roles);
  } catch (error) {
    throw new OrderFailedError(`${server}: ${wordsOf(error)}`);
  }
}

/** What the voter of this server says; a store that went back in time votes nothing (E10). */
async function vote(hands: Hands, question: VoteQuestion) {
  refuseTakenBack(hands);
  const { server } = hands.parts;
  const votes = firstStore(hands.parts)?.votes;
  if (votes === undefined) {
    throw new OrderRefusedError(server, { code: 'notHere', why: `${server} does not vote` });
  }
  try {
    return await answerVote(votes, question);
  } catch (error) {
    throw new OrderFailedError(`${server}: ${wordsOf(error)}`);
  }
}

/**
 * A store that went back in time has no say in what is decided, nor is it given a generation to
 * mount under, whoever asks for it (E10).
 */
function refuseTakenBack({ parts, memory }: Hands, next?: Decision): void {
  const stores = [
    firstStore(parts)?.engine.store,
    next?.kind === 'active' ? next.active : undefined,
  ];
  for (const store of stores) {
    const why = store === undefined ? undefined : memory.takenBack.get(store);
    if (why !== undefined) throw new OrderRefusedError(parts.server, { code: 'takenBack', why });
  }
}
