import {
  callIdOf,
  checkForProxy,
  createCachedResolver,
  createFailedDestinations,
  createFlowTokens,
  createSystemResolver,
  type Listener,
  type Listening,
  openProxy,
  ownAddressesOf,
  plainAbilities,
  type ProxyDecision,
  type ProxyRequest,
  parseNameAddr,
  parseUri,
  type SipRequest,
  type Transports,
  writeNameAddr,
} from '@understudy/sip';
import type { SipPlace } from '@understudy/core';
import type { Clock, Log } from '@understudy/ports';
import { handOverRegister } from '../neighbours/hand-over.ts';
import { createNeighbourTokens, handedFrom } from '../neighbours/neighbour-tokens.ts';
import { createPhoneWays, type PhoneWays } from '../neighbours/phone-ways.ts';
import { createIntake } from '../overload/create-intake.ts';
import { type LateMeter, startLateMeter } from '../overload/late-meter.ts';
import { answerOf, asRefusal, isOwed } from './answer-request.ts';
import { chooseTargets } from './choose-targets.ts';
import { deliverWaiting } from './deliver-waiting.ts';
import { createDeliveries } from './deliveries.ts';
import { createFlowEnds } from './flow-ends.ts';
import { flowTimerSeconds } from './outbound.ts';
import { createPhoneFlows, type PhoneFlows } from './phone-flows.ts';
import type { AnswerTools, Registered, RoutingTools, SipTools } from './sip-tools.ts';

export type SipDoorOptions = {
  readonly host: string;
  /** UDP and TCP alike; 0 asks the system. */
  readonly port: number;
  readonly tls?: SipTls;
  /** The deployment's: servers know by it what others of theirs have signed. Never logged. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: Omit<SipTools, 'ownPlaces' | 'ownRoute' | 'ways'>;
  /** Measures how late this process is; tests have their own. */
  readonly late?: LateMeter;
};

/** A phone that lets hear of itself a little late is alive (RFC 5626, section 4.4.1). */
const flowPatience = 1.25;

export type SipTls = { readonly port: number; readonly cert: string; readonly key: string };

export type SipDoor = AsyncDisposable & { readonly listening: readonly Listening[] };

/** Opens the users' SIP. Rejects where a port is taken, or a certificate is none. */
export async function openSipDoor(options: SipDoorOptions): Promise<SipDoor> {
  const { secret, clock, log, tools } = options;
  const { chance, domains } = tools;
  const flows = createPhoneFlows();
  const failed = createFailedDestinations(clock);
  const ends = createFlowEnds(tools.registrar, log);
  const neighbourTokens = createNeighbourTokens(secret);
  const routing: RoutingTools = {
    ...tools,
    ownPlaces: () => [
      ...proxy.transports.listening.map(({ sentBy }) => sentBy),
      ...tools.registrar.neighbours().flatMap(({ sip }) => (sip ? [placeOf(sip)] : [])),
    ],
    ownRoute: ({ transport, local }) => {
      const own = ownAddressesOf(proxy.transports.listening);
      const listening = own.listenerOf(transport, local);
      return listening && writeNameAddr(own.routeOf(listening, undefined));
    },
    ways: createPhoneWays({
      flows,
      tokens: neighbourTokens,
      own: () => ownAddressesOf(proxy.transports.listening),
      neighbours: () => tools.registrar.neighbours(),
    }),
    failed,
    askedTokens: createFlowTokens(`${secret} asked`),
    neighbourTokens,
  };
  const answering = {
    ...routing,
    onRegistered: (registered: Registered) => deliver(registered),
  };
  const late = options.late ?? startLateMeter(clock, () => performance.now());
  const arriving = () => tools.registrar.arriving();
  const intake = createIntake({ lateMs: () => late.lateMs(), arriving, chance, log });
  const proxy = await openProxy({
    listeners: listenersOf(options),
    clock,
    chance,
    resolver: createCachedResolver(createSystemResolver(clock), clock),
    secret,
    failed,
    chooseTargets: (asked) => intake(asked, () => decide(asked, answering, log)),
    onFlowDead: (flow) => ends.ended(flows.forget(flow)),
    onTrouble: (why) => log.say('debug', `sip: ${why}`),
  }).catch((error: unknown) => {
    late.end();
    throw error;
  });
  const deliveries = createDeliveries(log);
  const { layer } = proxy.core;
  const deliver = (registered: Registered) => {
    const { user, mounted, binding, source, isHanded } = registered;
    const { ways } = routing;
    if (!isHanded) keepFlow(registered, { flows, ends, ways, transports: proxy.transports });
    // What waits stands in a copy that nothing can be marked in: it comes when home is back.
    if (mounted.limited !== undefined) return;
    const delivery = { user, mounted, binding, destination: source, isHanded };
    const [domain = ''] = domains;
    deliveries.begin(user.id, () => deliverWaiting(delivery, { layer, domain, chance, log }));
  };
  return {
    listening: proxy.transports.listening,
    [Symbol.asyncDispose]: async () => {
      ends.stop();
      late.end();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

type FlowTools = {
  readonly flows: PhoneFlows;
  readonly ends: ReturnType<typeof createFlowEnds>;
  readonly ways: PhoneWays;
  readonly transports: Transports;
};

/** Remembers the connection that a phone has signed in by, and what ends with it. */
function keepFlow(
  { user, mounted, binding, source }: Registered,
  { flows, ends, ways, transports }: FlowTools,
): void {
  // With a Path that is not this server, the phone's connection is another's.
  const [first] = binding.path.map(parseNameAddr);
  const isElsewhere = first !== undefined && ways.ownFlow(first) === undefined;
  if (binding.regId === undefined || source.transport === 'udp' || isElsewhere) {
    flows.learn(source);
    return;
  }
  flows.learn(source, { userId: user.id, pool: mounted.mount.pool, binding });
  transports.expectWithin(source.flow, flowTimerSeconds * 1_000 * flowPatience);
  if (!transports.hasFlow(source.flow)) ends.ended(flows.forget(source.flow));
}

function listenersOf({ host, port, tls }: SipDoorOptions): readonly Listener[] {
  const plain = (['tcp', 'udp'] as const).map((transport) => ({ transport, address: host, port }));
  if (tls === undefined) return plain;
  return [...plain, { transport: 'tls', address: host, port: tls.port, tls }];
}

/** What ends at this server is answered here; anything else goes to phones and other servers. */
async function decide(
  asked: ProxyRequest,
  tools: RoutingTools & AnswerTools,
  log: Log,
): Promise<ProxyDecision> {
  const { request, transaction } = asked;
  const answer = answerOf(request, tools);
  try {
    if (answer === undefined) {
      // RFC 3261, section 16.3: before anybody is asked who it is.
      const verdict = checkForProxy(request, plainAbilities);
      return verdict.kind === 'answer' ? verdict : await chooseTargets(asked, tools);
    }
    const handed = handedFrom(asked, tools.neighbourTokens);
    const origin = { source: transaction.source, ...(handed !== undefined && { handed }) };
    const answerHere = async (): Promise<ProxyDecision> => {
      transaction.respond(await answer(request, origin, tools));
      return { kind: 'taken' };
    };
    const serveHere = () => answerHere().catch((error: unknown) => refused(request, error, log));
    return (await handOverRegister(asked, serveHere, tools)) ?? (await answerHere());
  } catch (error) {
    return refused(request, error, log);
  }
}

/** What is owed for what went wrong. */
function refused(request: SipRequest, error: unknown, log: Log): ProxyDecision {
  if (!isOwed(error)) {
    const what = `${request.method} ${callIdOf(request) ?? 'without Call-ID'}`;
    log.say('error', `sip: ${what} is answered 500, a mistake of ours: ${wordsOf(error)}`);
  }
  const { status, message: reason, headers } = asRefusal(error);
  return { kind: 'answer', status, reason, headers };
}

/** `host:port`, as the agent tells it. */
function placeOf({ plain }: SipPlace): { readonly host: string; readonly port: number } {
  const uri = parseUri(`sip:${plain}`);
  return uri?.kind === 'sip' ? { host: uri.host, port: uri.port ?? 0 } : { host: plain, port: 0 };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
