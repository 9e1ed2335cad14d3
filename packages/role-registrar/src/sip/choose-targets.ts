import type { RolePool } from '@understudy/core';
import {
  fromOf,
  listValues,
  parseNameAddr,
  type ProxyDecision,
  type ProxyRequest,
  requestUri,
  type SipResponse,
  toTag,
} from '@understudy/sip';
import { beginsCall, callOf, placeCall } from '../calls/place-call.ts';
import type { KnownUser } from '../data/known-user.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { userAgeMsMax } from '../data/user-age.ts';
import { handOver, ownerOf } from '../neighbours/hand-over.ts';
import { handedFrom, ledTo } from '../neighbours/neighbour-tokens.ts';
import { wayTo } from '../neighbours/phone-ways.ts';
import { notServing } from '../problem.ts';
import { choosePool, type Place } from '../sign-in/choose-pool.ts';
import { targetsOf } from './binding-target.ts';
import { identify } from './identify.ts';
import { keepMessage } from './keep-message.ts';
import { ownUser } from './own-user.ts';
import { passOn } from './pass-on.ts';
import { isPointedElsewhere, refusalElsewhere } from './redirect.ts';
import { SipRefusal } from './sip-refusal.ts';
import type { RoutingTools, SipTools } from './sip-tools.ts';

/**
 * Where a request that is not for this server goes: within a dialog the way that was signed when it
 * began; else to the phones of the user, or to the server that serves the user's pool. Throws
 * SipRefusal or Problem.
 */
export async function chooseTargets(
  asked: ProxyRequest,
  tools: RoutingTools,
): Promise<ProxyDecision> {
  const { request, isFlowGone, routed } = asked;
  const led = ledTo(asked, tools.neighbourTokens);
  if (led !== undefined) {
    return {
      kind: 'targets',
      targets: [{ uri: request.uri, destination: wayTo(request.uri, led) }],
    };
  }
  // Phones see what signs a dialog, and may send it with anything: it counts within one alone.
  const isOfOurDialog = asked.isOfOurDialog && toTag(request) !== undefined;
  const name = ownUser(requestUri(request), tools);
  if (name === undefined) {
    if (!isOfOurDialog) throw new SipRefusal(404, 'No Such Address Here');
    // RFC 5626, section 5.3: the phone's connection is gone, and nobody else leads to it.
    if (isFlowGone) throw new SipRefusal(430, 'Flow Failed');
    return { kind: 'targets', targets: [routed ?? { uri: request.uri }] };
  }
  const isHanded = handedFrom(asked, tools.neighbourTokens) !== undefined;
  const isKnown = isOfOurDialog || isHanded || isAsked(asked, tools);
  const from = isKnown ? undefined : await placeOfSender(asked, tools);
  if (from?.place.kind === 'elsewhere') return passOnUnasked(asked, from.place.pool, tools);
  const sender = from && (await senderOf(asked, { ...from, place: from.place }, tools));
  if (beginsCall(request)) return await placeCall(callOf(asked, name), tools);
  const place = await choosePool(tools.registrar, { pool: undefined, user: name });
  const { source } = asked.transaction;
  if (place.kind === 'elsewhere') {
    return passOn(
      { uri: request.uri, source, token: tools.askedTokens.make(source) },
      place.pool,
      tools,
    );
  }
  const here = () => toPhones({ asked, name, sender, place }, tools);
  const owner = isHanded ? undefined : ownerOf(name, place);
  if (owner === undefined) return await here();
  return handOver({ asked, owner, uri: request.uri, serveHere: here }, tools);
}

/** Whether another server of ours has asked who sends this: only servers see such tokens. */
function isAsked({ transaction }: ProxyRequest, { askedTokens }: RoutingTools): boolean {
  const [first = ''] = listValues(transaction.request, 'route');
  const uri = parseNameAddr(first)?.uri;
  return uri?.kind === 'sip' && askedTokens.read(uri.user ?? '') !== undefined;
}

/** Only our own users may call. */
async function placeOfSender({ request }: ProxyRequest, tools: SipTools) {
  const name = ownUser(fromOf(request)?.uri, tools);
  if (name === undefined) throw new SipRefusal(403, 'Only Users of This Domain May Call');
  return { name, place: await choosePool(tools.registrar, { pool: undefined, user: name }) };
}

type Sender = { readonly name: string; readonly place: Extract<Place, { kind: 'here' }> };

/** Who calls proves it to the server that serves the caller's pool (22.3). */
async function senderOf(
  { request, transaction: { source } }: ProxyRequest,
  { name, place: { pool, mounted } }: Sender,
  tools: SipTools,
): Promise<KnownUser> {
  const user = await identify({ request, source, pool, mounted, as: 'proxy' }, tools);
  if (user.name !== name) throw new SipRefusal(403, 'Calling as Another Is Not Allowed');
  return user;
}

/**
 * A caller whose pool is served elsewhere is not sent there: a phone keeps the Route that it was
 * set up with (RFC 3261, section 8.1.2), so a 302 only brings it back here. The server that knows
 * the caller asks who it is, since our Route is not signed.
 */
function passOnUnasked(
  { request, transaction: { source } }: ProxyRequest,
  pool: RolePool,
  tools: Pick<RoutingTools, 'failed'>,
): ProxyDecision {
  if (!isPointedElsewhere(pool)) throw refusalElsewhere(pool, source.transport);
  return passOn({ uri: request.uri, source }, pool, tools);
}

type Called = {
  readonly asked: ProxyRequest;
  readonly name: string;
  readonly sender: KnownUser | undefined;
  readonly place: Extract<Place, { kind: 'here' }>;
};

async function toPhones(called: Called, tools: RoutingTools): Promise<ProxyDecision> {
  const { asked, name, place } = called;
  const { mounted } = place;
  const user = await mounted.users.find(name, userAgeMsMax(mounted));
  if (user === undefined) throw new SipRefusal(404, 'Not Found');
  const bindings = await mounted.bindingsOf(user.id, tools.nowMs());
  // E12: whatever was read, past the deadline none of it may be acted on.
  if (!mounted.isLive()) throw notServing('this pool was closed here');
  const targets = targetsOf(bindings, tools.ways);
  if (asked.request.method !== 'MESSAGE') return { kind: 'targets', targets };
  const keep = async () => {
    // Home is there again, with all that was queued: what is kept is kept there.
    const isHomeLevel = !tools.registrar.queue.hasChanges(place.pool.pool);
    if (mounted.limited?.state === 'returning' && isHomeLevel) return passOnToHome(called, tools);
    const keepUntilMs = tools.nowMs() + tools.keptMessageMs;
    const sender = called.sender ?? (await senderHere(asked, mounted, tools));
    return keepMessage({ ...called, sender, request: asked.request, mounted, keepUntilMs });
  };
  if (targets.length === 0) return keep();
  const onFailure = async (best: SipResponse) => (notTaken.has(best.status) ? keep() : undefined);
  return { kind: 'targets', targets, onFailure };
}

function passOnToHome({ asked, place }: Called, tools: RoutingTools): ProxyDecision {
  const { source } = asked.transaction;
  const token = tools.askedTokens.make(source);
  return passOn({ uri: asked.request.uri, source, token }, place.pool, tools);
}

/** Who has proved to another server of the pool that they send this is a user of this data. */
async function senderHere(
  asked: ProxyRequest,
  mounted: ServedDataset,
  tools: RoutingTools,
): Promise<KnownUser | undefined> {
  if (handedFrom(asked, tools.neighbourTokens) === undefined) return undefined;
  const name = ownUser(fromOf(asked.request)?.uri, tools);
  return name === undefined ? undefined : await mounted.users.find(name, userAgeMsMax(mounted));
}

/** No phone took it and none refused it: timeout, gone, unreachable (RFC 3261, section 21). */
const notTaken = new Set([408, 430, 480, 500, 503, 504]);
