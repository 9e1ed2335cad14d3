// Every default and bound of the product, in one table. The docs' table is
// generated from it; a topology's `limits` section may change each within its bounds.

export type LimitSpec = {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: 'ms' | 'bytes' | 'count';
  readonly about: string;
};

const seconds = (count: number): number => count * 1000;
const minutes = (count: number): number => seconds(count * 60);

function limit(unit: LimitSpec['unit'], range: readonly [number, number, number], about: string) {
  const [min, byDefault, max] = range;
  return { default: byDefault, min, max, unit, about } satisfies LimitSpec;
}

// prettier-ignore
// biome-ignore format: one limit a line reads as the table it is.
export const limitTable = {
  cycleMs: limit('ms', [100, 500, 5_000], 'pause between two cycles of an agent'),
  leaseMs: limit('ms', [seconds(2), seconds(6), minutes(5)], 'lease time: how long a mount holds without renewal'),
  heartbeatMs: limit('ms', [100, seconds(1), seconds(10)], 'between two heartbeats of an active copy'),
  heartbeatFreshMs: limit('ms', [500, seconds(5), minutes(10)], 'age of the newest heartbeat above which a copy is not Healthy'),
  drainLagMs: limit('ms', [100, seconds(1), seconds(60)], 'lag above which a planned switch waits (drain limit)'),
  steadyTimeoutMs: limit('ms', [seconds(1), minutes(2), minutes(60)], 'longest wait for steady state'),
  fenceDrainMs: limit('ms', [10, 250, seconds(10)], 'how long a fence lets writers finish before it ends their sessions'),
  fenceTimeoutMs: limit('ms', [seconds(1), seconds(5), seconds(60)], 'longest a fence may take'),
  finalStateTimeoutMs: limit('ms', [seconds(1), seconds(10), seconds(60)], 'longest wait for the fence marker on the target'),
  detachTimeoutMs: limit('ms', [seconds(1), seconds(10), minutes(2)], 'longest wait for apply workers to be gone'),
  syncPatienceMs: limit('ms', [500, seconds(3), seconds(60)], 'how long writers wait for a synchronous copy that stands still before the dataset goes on without it'),
  syncRestMs: limit('ms', [500, seconds(10), minutes(60)], 'how long a dataset goes on without its synchronous copy before it waits for it again'),
  slotTimeoutMs: limit('ms', [seconds(1), seconds(5), minutes(5)], 'longest a slot may take to be created before it is tried again later'),
  formerAwayMs: limit('ms', [seconds(10), minutes(10), minutes(1440)], 'how long a further copy waits for a former active copy that has its last writes, before it is seeded anew'),
  unconnectedMs: limit('ms', [seconds(10), seconds(20), minutes(60)], 'how long a copy that could follow stays unconnected before its subscription is made anew'),
  seedTimeoutMs: limit('ms', [seconds(10), minutes(60), minutes(1440)], 'longest a seed may take'),
  storeTimeoutMs: limit('ms', [100, 1_500, seconds(30)], 'longest wait for a look at a store of this server before the store counts as silent'),
  peerTimeoutMs: limit('ms', [200, seconds(2), seconds(30)], 'longest wait for a partner agent to answer a question'),
  roleTimeoutMs: limit('ms', [100, seconds(2), seconds(30)], 'longest wait for a role to act by a new assignment'),
  orderTimeoutMs: limit('ms', [seconds(1), seconds(30), minutes(60)], 'longest wait for a partner agent to carry out an order'),
  silenceBeforeLimitedMs: limit('ms', [seconds(5), seconds(30), minutes(60)], 'silence of a home pool before limited mode'),
  quietBeforeReturnMs: limit('ms', [seconds(5), seconds(60), minutes(60)], 'quiet before limited mode ends'),
  serverSilenceMs: limit('ms', [seconds(1), seconds(3), minutes(5)], 'silence of a server after which its routing groups go to others of its pool'),
  serverSteadyMs: limit('ms', [seconds(1), seconds(10), minutes(60)], 'how long a server that comes answers before it is given routing groups'),
  returnsMax: limit('count', [1, 3, 100], 'ends of limited mode within `returnsWithinMs` before a home that comes and goes is watched for longer'),
  returnsWithinMs: limit('ms', [seconds(10), minutes(60), minutes(1440)], 'time in which those ends are counted, and for which such a home is watched'),
  mergeWaitMs: limit('ms', [0, seconds(10), minutes(10)], 'how long lasting changes of a pool wait for what was queued in limited mode'),
  quoteValidMs: limit('ms', [seconds(10), seconds(60), minutes(60)], 'how long a loss quote can be accepted'),
  lossGoodMs: limit('ms', [seconds(1), seconds(5), minutes(60)], 'heartbeat age that the loss limit `good` allows'),
  lossBestMs: limit('ms', [seconds(1), seconds(60), minutes(60)], 'heartbeat age that the loss limit `best` allows'),
  lagLimitBytes: limit('bytes', [1024, 16 * 1024 * 1024, 2 ** 40], 'lag above which a copy that lacks heartbeats is CatchingUp again'),
  slotKeepBytes: limit('bytes', [2 ** 20, 4 * 2 ** 30, 2 ** 42], 'WAL kept for a follower that is gone'),
  diskFreeMinBytes: limit('bytes', [2 ** 20, 64 * 2 ** 20, 2 ** 40], 'free space on the disk of an embedded store below which its agent says so'),
  verifyEveryMs: limit('ms', [seconds(10), minutes(60), minutes(10_080)], 'between two comparisons of a passive copy with the active one'),
  verifyFindingsMax: limit('count', [1, 100, 10_000], 'differences that verify names'),
  stepAttemptsMax: limit('count', [1, 3, 10], 'tries of a runbook step'),
  importPieceRows: limit('count', [100, 5_000, 50_000], 'rows of an import moved in one transaction'),
  registrationMinMs: limit('ms', [seconds(1), seconds(60), minutes(60)], 'shortest life of a registration that a phone may ask for'),
  registrationMs: limit('ms', [seconds(30), minutes(60), minutes(1440)], 'life of a registration whose phone asks for none'),
  registrationMaxMs: limit('ms', [seconds(60), minutes(120), minutes(1440)], 'longest life of a registration'),
  keptMessageMs: limit('ms', [minutes(1), minutes(10_080), minutes(129_600)], 'how long a message waits for its user to sign in'),
  bindingsMax: limit('count', [1, 10, 100], 'phones that one user may have registered'),
  roleOrphanMs: limit('ms', [seconds(1), seconds(30), minutes(60)], 'how long a role without an agent lives on after its deadline'),
} as const satisfies Record<string, LimitSpec>;

export type LimitName = keyof typeof limitTable;
export type Limits = { readonly [name in LimitName]: number };

/** The limits of a deployment that changes none. */
export const defaultLimits: Limits = Object.fromEntries(
  Object.entries(limitTable).map(([name, spec]) => [name, spec.default]),
) as Limits;
