import type { Generation, RoleAssignment } from '@understudy/core';

/** Agents' lives remembered, so that a late word of a dead one is known for what it is. */
const livesMax = 100;

/** Which assignments may be acted on. */
export type AssignmentBook = {
  /** False for one that is older than what was acted on already. */
  accept(assignment: RoleAssignment): boolean;
};

/**
 * Within one agent's life numbers only grow. A new life replaces the one before for good; and no
 * mount ever goes back to a lower generation, whoever says so (E1, E14).
 */
export function createAssignmentBook(): AssignmentBook {
  const endedLives = new Set<string>();
  const generations = new Map<string, Generation>();
  let current: { readonly life: string; readonly number: number } | undefined;
  return {
    accept: ({ agentLife, number, mounts }) => {
      if (endedLives.has(agentLife)) return false;
      if (current?.life === agentLife && number <= current.number) return false;
      const goesBack = mounts.some(
        ({ dataset, generation }) => generation < (generations.get(dataset) ?? 0),
      );
      if (goesBack) return false;
      if (current !== undefined && current.life !== agentLife) endedLives.add(current.life);
      const [oldest] = endedLives;
      if (endedLives.size > livesMax && oldest !== undefined) endedLives.delete(oldest);
      current = { life: agentLife, number };
      for (const { dataset, generation } of mounts) generations.set(dataset, generation);
      return true;
    },
  };
}
