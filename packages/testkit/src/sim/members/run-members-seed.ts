import type { PlantedFault } from '@understudy/ports/fake';
import { planMischief } from '../mischief/mischief-plan.ts';
import { playHistory, type SeedResult } from '../run-seed.ts';
import { bringUp } from '../sim-deployment.ts';
import { installFencing } from './fencing-program.ts';
import { groupOperator } from './group-operator.ts';
import { shapeOf } from './member-shape.ts';
import { memberTroubles } from './member-troubles.ts';

// One seed, one history of a group whose members are stopped, started and restored, or of two sites
// without votes that are fenced, while many die at once and come back one by one.

const chaosMs = 18_000;
/** An operator who means to change something. */
const thinkMs = [600, 3_000] as const;

export async function runMembersSeed(
  seed: number,
  faults: ReadonlySet<PlantedFault> = new Set(),
): Promise<SeedResult> {
  const { topology, isVoted, hasFencing } = shapeOf(seed);
  const deployment = await bringUp(seed, { faults, isVoted }, topology);
  installFencing(deployment, seed);
  const troubles = memberTroubles(deployment.world);
  const result = await playHistory(deployment, {
    seed,
    chaosMs,
    thinkMs,
    ...groupOperator(seed, hasFencing),
    besides: (plan) => planMischief({ ...plan, troubles, count: plan.chance.integer(1, 4) }),
  });
  return { ...result, seen: new Set([...result.seen, ...seenIn(result.history)]) };
}

/** What became of the group, as far as it was seen. */
function seenIn(history: readonly string[]): readonly string[] {
  const words = /group \w+ is granted|a fencing command [a-z ]+|a site is turned on/g;
  return history.flatMap((line) => line.match(words) ?? []);
}
