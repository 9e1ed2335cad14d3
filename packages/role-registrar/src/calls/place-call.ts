import type { CallSettings } from '@understudy/api';
import {
  buildSipUri,
  firstValue,
  type HeaderField,
  hasParameter,
  type ProxyDecision,
  type ProxyRequest,
  type ProxyTarget,
  requestUri,
  type SipRequest,
  toTag,
  type Uri,
  writeUri,
} from '@understudy/sip';
import { userAgeMsMax } from '../data/user-age.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { notServing } from '../problem.ts';
import { handOver, ownerOf } from '../neighbours/hand-over.ts';
import { handedFrom } from '../neighbours/neighbour-tokens.ts';
import { choosePool } from '../sign-in/choose-pool.ts';
import { targetsOf } from '../sip/binding-target.ts';
import { ownUser } from '../sip/own-user.ts';
import { passOn } from '../sip/pass-on.ts';
import { SipRefusal } from '../sip/sip-refusal.ts';
import type { RoutingTools } from '../sip/sip-tools.ts';
import {
  type CallHistory,
  forwardsMax,
  forwardsOf,
  historyField,
  lengthen,
  readHistory,
  wasAt,
} from './call-history.ts';
import { endOf, firstMove, forwardAfter, type Forward } from './call-rules.ts';
import { readOwnAddress } from './own-address.ts';
import { readCallSettings } from './read-call-settings.ts';

/** A call on its way to a user, who may be another than the one that was called at first. */
export type Call = {
  readonly asked: ProxyRequest;
  readonly name: string;
  /** What the server of another pool is asked for. */
  readonly uri: string;
  /** Set once the call has been forwarded here; till then the request tells it. */
  readonly history?: CallHistory;
  /** Another user has this one's phones rung beside their own. */
  readonly isBeside: boolean;
};

/**
 * Between servers of ours, a parameter of the Request-URI says that a call rings beside another's
 * phones. Phones never see it; a caller who writes it reaches the same phones as without it.
 */
const besideParameter = 'beside';

/**
 * Whether users' settings act on a request: a call that begins. One that takes another's place is
 * of people who talk already (Replaces, RFC 3891).
 */
export function beginsCall(request: SipRequest): boolean {
  const isFirst = request.method === 'INVITE' && toTag(request) === undefined;
  return isFirst && firstValue(request, 'replaces') === undefined;
}

/** The call that a request begins. */
export function callOf(asked: ProxyRequest, name: string): Call {
  const { uri } = asked.request;
  const called = requestUri(asked.request);
  const isBeside = called?.kind === 'sip' && hasParameter(called.parameters, besideParameter);
  return { asked, name, uri, isBeside };
}

/** Where a call goes: to phones, to another user or to none, as its user has set. */
export async function placeCall(call: Call, tools: RoutingTools): Promise<ProxyDecision> {
  const { asked, name, uri } = call;
  const place = await choosePool(tools.registrar, { pool: undefined, user: name });
  if (place.kind === 'elsewhere') {
    const { source } = asked.transaction;
    const token = tools.askedTokens.make(source);
    return passOn({ uri, source, token, headers: toldOf(call) }, place.pool, tools);
  }
  const here = () => placeHere(call, place.mounted, tools);
  const isHanded = handedFrom(asked, tools.neighbourTokens) !== undefined;
  const owner = isHanded ? undefined : ownerOf(name, place);
  if (owner === undefined) return await here();
  return handOver({ asked, owner, uri, headers: toldOf(call), serveHere: here }, tools);
}

/** By the settings of its user, which are this server's to read whoever owns the group. */
async function placeHere(
  call: Call,
  mounted: ServedDataset,
  tools: RoutingTools,
): Promise<ProxyDecision> {
  const { settings, phones } = await readCallee(call, mounted, tools);
  const move = firstMove(settings, call);
  switch (move.kind) {
    case 'refuse':
      return { kind: 'answer', status: 480, reason: 'Do Not Disturb' };
    case 'forward':
      return await forwardAlways(call, move, tools);
    case 'ring': {
      const beside = await Promise.all(move.also.map((to) => phonesBeside(call, to, tools)));
      const { noAnswerMs } = move;
      const ringing = { targets: [...phones, ...beside.flat()], settings, noAnswerMs };
      return await ring(call, ringing, tools);
    }
  }
}

async function readCallee({ asked, ...call }: Call, mounted: ServedDataset, tools: RoutingTools) {
  const user = await mounted.users.find(call.name, userAgeMsMax(mounted));
  if (user === undefined) throw new SipRefusal(404, 'Not Found');
  const { log } = tools.registrar.options;
  const onBroken = (why: string) =>
    log.say('warn', `the call settings of ${user.name} are not whole: ${why}; set them again`);
  const { domains } = tools;
  const [settings, bindings] = await Promise.all([
    readCallSettings(mounted.database, user.id, { domains, onBroken }),
    mounted.bindingsOf(user.id, tools.nowMs()),
  ]);
  // E12: whatever was read, past the deadline none of it may be acted on.
  if (!mounted.isLive()) throw notServing('this pool was closed here');
  return { settings, phones: targetsOf(bindings, tools.ways, toldOf({ asked, ...call })) };
}

type Ringing = {
  readonly targets: readonly ProxyTarget[];
  readonly settings: CallSettings;
  readonly noAnswerMs: number | undefined;
};

async function ring(
  call: Call,
  { targets, settings, noAnswerMs }: Ringing,
  tools: RoutingTools,
): Promise<ProxyDecision> {
  if (call.isBeside) return { kind: 'targets', targets };
  const next = async (forward: Forward | undefined) =>
    forward === undefined ? undefined : await forwardOnce(call, forward, tools);
  if (targets.length === 0) {
    const other = await next(forwardAfter(settings, 'notSignedIn'));
    return other ?? { kind: 'targets', targets };
  }
  return {
    kind: 'targets',
    targets,
    ...(noAnswerMs !== undefined && { noAnswerMs }),
    onFailure: async ({ status }, round) => next(forwardAfter(settings, endOf(status, round))),
  };
}

/** Nobody rings here, so a circle has no other answer than that it is one. */
async function forwardAlways(
  call: Call,
  forward: Forward,
  tools: RoutingTools,
): Promise<ProxyDecision> {
  const other = await forwardOnce(call, forward, tools);
  return other ?? { kind: 'answer', status: 482, reason: 'Forwarded in a Circle or Too Often' };
}

/** Undefined where the call has been already, or has been forwarded too often. */
async function forwardOnce(
  call: Call,
  { to, cause }: Forward,
  tools: RoutingTools,
): Promise<ProxyDecision | undefined> {
  const other = retarget(call, { to, cause, isBeside: false }, tools);
  return other === undefined ? undefined : await placeCall(other, tools);
}

/** A user who cannot be rung now is left out: the others' phones ring all the same. */
async function phonesBeside(
  call: Call,
  to: string,
  tools: RoutingTools,
): Promise<readonly ProxyTarget[]> {
  const other = retarget(call, { to, cause: undefined, isBeside: true }, tools);
  if (other === undefined) return [];
  try {
    const decision = await placeCall(other, tools);
    return decision.kind === 'targets' ? decision.targets : [];
  } catch (error) {
    tools.registrar.options.log.say('debug', `${to} does not ring beside: ${String(error)}`);
    return [];
  }
}

type Retargeting = {
  readonly to: string;
  readonly cause: number | undefined;
  readonly isBeside: boolean;
};

function retarget(
  call: Call,
  { to, cause, isBeside }: Retargeting,
  tools: RoutingTools,
): Call | undefined {
  const nameOf = (uri: Uri) => ownUser(uri, tools);
  const history = historyOf(call, tools);
  const name = readOwnAddress(to, tools.domains);
  if (name === undefined || wasAt(history, name, nameOf)) return undefined;
  if (forwardsOf(history) >= forwardsMax) return undefined;
  const address = addressOf(name, tools);
  const parameters = isBeside ? [{ name: besideParameter }] : [];
  const uri = writeUri({ ...address, parameters });
  return { asked: call.asked, name, uri, isBeside, history: lengthen(history, address, cause) };
}

function historyOf({ asked, name, history }: Call, tools: RoutingTools): CallHistory {
  const nameOf = (uri: Uri) => ownUser(uri, tools);
  return history ?? readHistory(asked.request, addressOf(name, tools), nameOf);
}

function addressOf(name: string, { domains: [host = ''] }: RoutingTools) {
  return buildSipUri({ user: name, host });
}

const toldOf = ({ history }: Call): readonly HeaderField[] =>
  history === undefined ? [] : [historyField(history)];
