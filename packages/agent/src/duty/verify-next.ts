import { counted } from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';
import { wordsOf } from '../observe/look-at-store.ts';

/** Before a comparison that could not be finished is begun again, in milliseconds. */
const verifyAgainMs = 60_000;

/**
 * Begins to compare the copy here that is due: a Healthy passive one that was never compared since
 * it was seeded, and then every limits.verifyEveryMs (E11). It reads only, so it goes on beside
 * the cycle and keeps no order waiting; what a run holds is left alone.
 */
export function verifyNext(hands: Hands, judged: readonly JudgedCopy[]): void {
  const { memory, parts } = hands;
  if (memory.verifying !== undefined) return;
  const due = judged.filter((each) => isDue(hands, each)).sort(byAge)[0];
  if (due === undefined) return;
  memory.verifying = due.dataset;
  memory.verifyBegunMs.set(due.dataset, parts.clock.bootMs());
  verify(hands, due)
    .then(
      (why) => parts.log.say('info', why),
      (error: unknown) =>
        parts.log.say('warn', `${due.dataset} could not be verified: ${wordsOf(error)}`),
    )
    .finally(() => {
      memory.verifying = undefined;
    });
}

function isDue({ parts, memory }: Hands, { dataset, situation, judgement }: JudgedCopy): boolean {
  const { copy, isHeld } = situation;
  if (judgement.state !== 'healthy' || copy === undefined || isHeld) return false;
  const { clock, topology } = parts;
  const begunMs = memory.verifyBegunMs.get(dataset);
  if (begunMs !== undefined && clock.bootMs() - begunMs < verifyAgainMs) return false;
  if (copy.verified === undefined) return true;
  const ageMs = clock.nowMs() - copy.verified.atMs;
  // A clock that was set back says nothing of the age.
  return ageMs < 0 || ageMs >= topology.limits.verifyEveryMs;
}

/** Never compared first, then the oldest. */
function byAge(left: JudgedCopy, right: JudgedCopy): number {
  return atMsOf(left) - atMsOf(right);
}

function atMsOf({ situation }: JudgedCopy): number {
  return situation.copy?.verified?.atMs ?? 0;
}

async function verify({ parts }: Hands, judged: JudgedCopy): Promise<string> {
  const { own, dataset, situation } = judged;
  const { record } = situation;
  if (record === undefined) return `nothing is decided of ${dataset}`;
  const { verifyFindingsMax, seedTimeoutMs } = parts.topology.limits;
  const { rows, differences } = await own.engine.verify({
    dataset,
    record,
    findingsMax: verifyFindingsMax,
    timeoutMs: seedTimeoutMs,
  });
  const where = `${dataset} on ${own.engine.store}`;
  const { length } = differences;
  if (length === 0) return `verified ${where}: ${counted(rows, 'row')} compared, no difference`;
  const found = counted(length, 'difference');
  return `verify found ${found} in ${where}: understudy dataset seed ${dataset}`;
}
