import { z } from 'zod';

// What `drill --json` prints. A field is only ever added: scripts depend on these.

export const verdictSchema = z.enum(['pass', 'fail']);
const ms = z.number().min(0);
const count = z.int().min(0);
const eachKindMs = z.strictObject({ write: ms, signIn: ms, message: ms, call: ms });

export const scenarioNames = [
  'planned-failover',
  'failback',
  'limited-mode',
  'forced-failover',
  'return',
  'failback-after-return',
  'partition',
  'salvage',
  'partition-without-witness',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const scenarioDocument = z.strictObject({
  name: z.enum(scenarioNames),
  verdict: verdictSchema,
  /** Longest time in which no probe of a kind in a pool succeeded; the worst pool's. */
  outagesMs: eachKindMs,
  /** The same in the calm before the scenario: what this machine does by itself. */
  calmGapsMs: eachKindMs,
  /** That of writes. */
  calmGapMs: ms,
  /** Since the scenario before. */
  ackedWrites: count,
  /** Messages between phones that were taken, or kept until a phone signs in; the same. */
  ackedMessages: count,
  /** Of these, acknowledged in limited mode and applied once the pool was failed over; the same. */
  queuedWrites: count,
  /** Acknowledged, and not on the serving copy at the end. */
  lostWrites: count,
  /** Missing at the end of a scenario before, on the serving copy by now: salvage merged them. */
  mergedWrites: count,
  /** Missing, and listed in the loss ledger as conflicts. */
  conflictedWrites: count,
  /** What the accepted loss quote said; 0 where nothing was to be lost. */
  quotedWrites: count,
  steps: z.array(z.strictObject({ name: z.string(), ms, why: z.string() })),
});
export type ScenarioDocument = z.output<typeof scenarioDocument>;

export const drillDocument = z.strictObject({
  version: z.literal(1),
  users: count,
  scenarios: z.array(scenarioDocument),
  verdict: verdictSchema,
});
export type DrillDocument = z.output<typeof drillDocument>;
