import type { Generation } from '../generation.ts';
import type { RoutingGroupName, ServerName } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { type OwnedGroups, spreadGroups } from './spread-groups.ts';

// Who owns a pool's routing groups. The agent that holds the mount of the pool's dataset decides
// it, and all others go by what it hands out: two that judged for themselves would differ in the
// very moments in which it matters.

/** As decided under the mount of `generation`; within it, `number` grows with each decision. */
export type GroupOwners = {
  readonly generation: Generation;
  readonly number: number;
  readonly owned: readonly OwnedGroups[];
};

/** The later of two decisions: of a newer mount, or later under the same. */
export function isLaterOwners(left: GroupOwners, right: GroupOwners | undefined): boolean {
  if (right === undefined) return true;
  if (left.generation !== right.generation) return left.generation > right.generation;
  return left.number > right.number;
}

/** What the holder of the mount knows of one server of the serving pool. */
export type ServerSight = {
  readonly server: ServerName;
  readonly isDrained: boolean;
  /** Since its roles were last known to answer. */
  readonly silentMs: number;
  /** For how long they have answered without a gap. */
  readonly steadyMs: number;
};

export type OwnerLimits = Pick<Limits, 'serverSilenceMs' | 'serverSteadyMs'>;

/** May a server own groups, and why not. A former owner keeps its groups without a probation. */
export function judgeServer(
  { isDrained, silentMs, steadyMs }: ServerSight,
  wasOwner: boolean,
  { serverSilenceMs, serverSteadyMs }: OwnerLimits,
): { readonly isFit: boolean; readonly why: string } {
  if (isDrained) return { isFit: false, why: 'it is drained' };
  if (silentMs > serverSilenceMs) return { isFit: false, why: 'it is silent' };
  if (!wasOwner && steadyMs < serverSteadyMs) return { isFit: false, why: 'it has just come' };
  return { isFit: true, why: wasOwner ? 'it answers' : 'it answers steadily' };
}

export type OwnersAsked = {
  readonly groups: readonly RoutingGroupName[];
  /** The servers of the serving pool, in the topology's order. */
  readonly sights: readonly ServerSight[];
  readonly before: readonly OwnedGroups[];
  /** The holder of the mount, which owns everything when nobody else can. */
  readonly holder: ServerName;
  readonly limits: OwnerLimits;
};

/**
 * Who owns each group now. Where every fit server is gone, those that have just come or are drained
 * serve rather than nobody; and the holder where not even those answer.
 */
export function chooseOwners(asked: OwnersAsked): readonly OwnedGroups[] {
  const { groups, sights, before, holder, limits } = asked;
  const owners = new Set(
    before.filter((each) => each.groups.length > 0).map((each) => each.server),
  );
  const fit = sights.filter((each) => judgeServer(each, owners.has(each.server), limits).isFit);
  const answering = sights.filter(({ silentMs }) => silentMs <= limits.serverSilenceMs);
  const undrained = answering.filter(({ isDrained }) => !isDrained);
  const found = [fit, undrained, answering].find((each) => each.length > 0);
  const servers = found?.map(({ server }) => server) ?? [holder];
  return spreadGroups({ groups, servers, before });
}

/** What has changed between two spreads, in one sentence; undefined when nothing has. */
export function ownersNews(
  before: readonly OwnedGroups[],
  after: readonly OwnedGroups[],
  whyOf: (server: ServerName) => string,
): string | undefined {
  const had = new Map(before.map(({ server, groups }) => [server, groups.length]));
  const has = new Map(after.map(({ server, groups }) => [server, groups.length]));
  const servers = [...new Set([...had.keys(), ...has.keys()])];
  const changed = servers.flatMap((server) => {
    const [from, to] = [had.get(server) ?? 0, has.get(server) ?? 0];
    return from === to ? [] : [`${server} owns ${to} instead of ${from} (${whyOf(server)})`];
  });
  return changed.length === 0 ? undefined : changed.join(', ');
}
