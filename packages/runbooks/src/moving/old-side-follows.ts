import { isSameLink, type MovesPlan, type PlannedMove, standingLink } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { copyOf, sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/**
 * The old side follows from the standing slot, copying nothing; so do further copies. Best effort:
 * every agent does the same by itself, and service does not depend on it.
 */
export const oldSideFollows = defineStep<MovesPlan>({
  name: 'old-side-follows',
  title: titleOf('old-side-follows'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 2,
  async isDone(context) {
    const { moves } = context.plan;
    if (moves.length === 0) return undefined;
    const follows = await Promise.all(moves.map((move) => isFollowing(context, move)));
    return follows.includes(false) ? undefined : 'the old side follows';
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.moves.map((move) => follow(context, move)));
    return sentences.flat().join('; ') || 'nothing has moved';
  },
  undo: { none: 'following harms nobody' },
});

async function follow(
  context: RunContext<MovesPlan>,
  move: PlannedMove,
): Promise<readonly string[]> {
  const { run, attempt, reach, plan } = context;
  const boundMs = plan.limits.orderTimeoutMs;
  const record = await sameTakeOver(context, move.next, move.to);
  return Promise.all(
    [move.from, ...move.furtherCopies].map(async ({ store, server }) => {
      const link = standingLink(record, store);
      if (link === undefined) return `${store} is seeded afresh by its agent`;
      const order = { kind: 'follow', run, attempt, link, record } as const;
      try {
        const report = await reach.ask(server, (agent) => agent.obey(order), boundMs);
        return report?.why ?? `${server} does not answer; ${store} follows when it returns`;
      } catch (error) {
        if (!(error instanceof OrderRefusedError)) throw error;
        if (error.refusal.code === 'staleAttempt') throw error;
        return `${store} does not follow yet (${error.refusal.why}); its agent sees to it`;
      }
    }),
  );
}

async function isFollowing(
  context: RunContext<MovesPlan>,
  { dataset, from, furtherCopies, next }: PlannedMove,
): Promise<boolean> {
  const places = [from, ...furtherCopies];
  const copies = await Promise.all(
    places.map((place) => copyOf(context, dataset, place).catch(() => undefined)),
  );
  return places.every(({ store }, index) => {
    const link = standingLink(next, store);
    const following = copies[index]?.following;
    return link !== undefined && following !== undefined && isSameLink(following.link, link);
  });
}
