import {
  createCachedResolver,
  createFlowTokens,
  createSystemResolver,
  type Listening,
  openProxy,
  type ProxyDecision,
  type ProxyRequest,
} from '@understudy/sip';
import type { Clock, Log } from '@understudy/ports';
import { answerOf, asRefusal } from './answer-request.ts';
import { createPhoneFlows } from './binding-target.ts';
import { chooseTargets } from './choose-targets.ts';
import { deliverWaiting } from './deliver-waiting.ts';
import { createDeliveries } from './deliveries.ts';
import type { Registered, RoutingTools, SipTools } from './sip-tools.ts';

export type SipDoorOptions = {
  readonly host: string;
  /** UDP and TCP alike; 0 asks the system. */
  readonly port: number;
  readonly tls?: SipTls;
  /** The deployment's: servers know by it what others of theirs have signed. Never logged. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: Omit<SipTools, 'ownPlaces'>;
};

export type SipTls = { readonly port: number; readonly cert: string; readonly key: string };

export type SipDoor = AsyncDisposable & { readonly listening: readonly Listening[] };

/** Opens the users' SIP. Rejects where a port is taken, or a certificate is none. */
export async function openSipDoor(options: SipDoorOptions): Promise<SipDoor> {
  const { host, port, tls, secret, clock, log, tools } = options;
  const { chance, domains } = tools;
  const flows = createPhoneFlows();
  const routing: RoutingTools = {
    ...tools,
    ownPlaces: () => proxy.transports.listening.map(({ sentBy }) => sentBy),
    flows,
    flowTokens: createFlowTokens(secret),
  };
  const proxy = await openProxy({
    listeners: [
      { transport: 'tcp', address: host, port },
      { transport: 'udp', address: host, port },
      ...(tls === undefined
        ? []
        : [{ transport: 'tls' as const, address: host, port: tls.port, tls }]),
    ],
    clock,
    chance,
    resolver: createCachedResolver(createSystemResolver(), clock),
    secret,
    chooseTargets: (asked) => decide(asked, routing, (registered) => deliver(registered)),
    onFlowDead: (flow) => flows.forget(flow),
    onTrouble: (why) => log.say('debug', `sip: ${why}`),
  });
  const deliveries = createDeliveries(log);
  const { layer } = proxy.core;
  const deliver = ({ user, mounted, binding, source }: Registered) => {
    flows.learn(source);
    const delivery = { user, mounted, binding, destination: source };
    const [domain = ''] = domains;
    deliveries.begin(user.id, () => deliverWaiting(delivery, { layer, domain, chance, log }));
  };
  return {
    listening: proxy.transports.listening,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** What ends at this server is answered here; anything else goes to phones and other servers. */
async function decide(
  asked: ProxyRequest,
  tools: RoutingTools,
  onRegistered: (registered: Registered) => void,
): Promise<ProxyDecision> {
  const { request, transaction } = asked;
  const answer = answerOf(request, tools);
  try {
    if (answer === undefined) return await chooseTargets(asked, tools);
    transaction.respond(await answer(request, transaction.source, { ...tools, onRegistered }));
    return { kind: 'taken' };
  } catch (error) {
    const { status, message: reason, headers } = asRefusal(error);
    return { kind: 'answer', status, reason, headers };
  }
}
