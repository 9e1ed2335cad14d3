import type { RoleNeighbour, RolePool } from '@understudy/core';
import {
  type HeaderField,
  headerField,
  listValues,
  parseUri,
  type ProxyDecision,
  type ProxyRequest,
  toOf,
  writeNameAddr,
} from '@understudy/sip';
import { groupOf } from '../data/group-of.ts';
import { takesChanges } from '../data/mounted-dataset.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { choosePool } from '../sign-in/choose-pool.ts';
import { ownUser } from '../sip/own-user.ts';
import { refusalDrained } from '../sip/redirect.ts';
import { addsBindings } from '../sip/read-registration.ts';
import type { RoutingTools } from '../sip/sip-tools.ts';
import { handedFrom } from './neighbour-tokens.ts';

/** An owner answers a REGISTER as soon as it is durable; one that does not is served here. */
const registerMs = 2_000;

type Place = { readonly pool: RolePool; readonly mounted: ServedDataset };

/** The other server of the pool that owns the user's routing group; undefined where none does. */
export function ownerOf(name: string, { pool, mounted }: Place): RoleNeighbour | undefined {
  const others = mounted.mount.owners?.others ?? [];
  if (others.length === 0) return undefined;
  const group = groupOf(name, pool, mounted);
  return others.find(({ groups, sip }) => sip !== undefined && groups.includes(group));
}

export type HandedOver = {
  readonly asked: ProxyRequest;
  readonly owner: RoleNeighbour;
  readonly uri: string;
  readonly headers?: readonly HeaderField[];
  /** How long the owner may take before it is served here. */
  readonly noAnswerMs?: number;
  /** What is done here where the owner is not there: its data is this server's too. */
  readonly serveHere: () => Promise<ProxyDecision | undefined>;
};

/** To the owner, with a token that says that a server of its pool hands it over, and for whom. */
export function handOver(
  { asked, owner, uri, headers = [], noAnswerMs, serveHere }: HandedOver,
  { neighbourTokens }: Pick<RoutingTools, 'neighbourTokens'>,
): ProxyDecision {
  const token = neighbourTokens.handed.make(asked.transaction.source);
  // By TCP: a process that is gone refuses at once, and nobody waits for a timer.
  const next = parseUri(`sip:${token}@${owner.sip?.plain ?? ''};transport=tcp;lr`);
  if (next?.kind !== 'sip') throw new Error(`${owner.server} has no address for SIP`);
  const target = { uri, routes: [{ uri: next, parameters: [] }], headers };
  return {
    kind: 'targets',
    targets: [target],
    ...(noAnswerMs !== undefined && { noAnswerMs }),
    onFailure: async ({ status }, { hasRung }) =>
      unreachable.has(status) && !hasRung ? await serveHere() : undefined,
  };
}

const unreachable = new Set([408, 503]);

/**
 * A REGISTER goes to the owner of its user's routing group, with this server as its Path: the phone
 * is reached through it (RFC 3327). Undefined where it is answered here. Throws SipRefusal where
 * this server takes no new registrations.
 */
export async function handOverRegister(
  asked: ProxyRequest,
  serveHere: HandedOver['serveHere'],
  tools: RoutingTools,
): Promise<ProxyDecision | undefined> {
  const { request, transaction } = asked;
  if (request.method !== 'REGISTER') return undefined;
  if (handedFrom(asked, tools.neighbourTokens) !== undefined) return undefined;
  const name = ownUser(toOf(request)?.uri, tools);
  if (name === undefined) return undefined;
  const place = await choosePool(tools.registrar, { pool: undefined, user: name });
  if (place.kind === 'elsewhere' || !takesChanges(place.pool)) return undefined;
  if (tools.registrar.isDrained() && addsBindings(request)) {
    const refusal = refusalDrained(place, transaction.source.transport);
    if (refusal !== undefined) throw refusal;
  }
  const owner = ownerOf(name, place);
  const path = tools.ways.pathOf(transaction.source);
  if (owner === undefined || path === undefined) return undefined;
  const values = [writeNameAddr(path), ...listValues(request, 'path')];
  const headers = [headerField('Path', values.join(', '))];
  const { uri } = request;
  return handOver({ asked, owner, uri, headers, noAnswerMs: registerMs, serveHere }, tools);
}
