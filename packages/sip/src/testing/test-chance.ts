import { randomUUID } from 'node:crypto';
import type { Chance } from '@understudy/ports';

/** Chance that is the same in every run but for the ids. */
export const testChance: Chance = { uuid: () => randomUUID(), fraction: () => 0.5 };
