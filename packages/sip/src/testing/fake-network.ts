import { SimulatedClock } from '@understudy/ports/fake';
import { buildResponse, type ResponseParts } from '../messages/compose/build-response.ts';
import type { SipMessage, SipRequest } from '../messages/message.ts';
import { ownAddressesOf } from '../proxy/own-addresses.ts';
import { ProxyCore } from '../proxy/proxy-core.ts';
import type { ProxyCoreOptions } from '../proxy/proxy-core-options.ts';
import { defaultProxyLimits, type ProxyDecision } from '../proxy/proxy-target.ts';
import type { Destination } from '../transports/destination.ts';
import { createFlowTokens } from '../transports/flow-token.ts';
import type { Source } from '../transports/source.ts';
import { testChance } from './test-chance.ts';

const local = { address: '192.0.2.1', port: 5060 };
/** Where the caller of a test sits. */
export const caller: Source = {
  transport: 'udp',
  address: '192.0.2.100',
  port: 5060,
  flow: 'udp caller',
  local,
};
export const proxySentBy = { host: '192.0.2.1', port: 5060 };

/** `sip:ben@192.0.2.7` leads to 192.0.2.7; so does every other URI with an address. */
const byAddress: ProxyCoreOptions['locate'] = async (uri) =>
  uri.kind === 'sip' ? [{ transport: 'udp', address: uri.host, port: uri.port ?? 5060 }] : [];

/** A proxy whose transports write down what they are given, and whose clock is turned by hand. */
export function aProxy(difference: Partial<ProxyCoreOptions> = {}) {
  const clock = new SimulatedClock(0);
  const sent: { readonly request: SipRequest; readonly to: Destination }[] = [];
  const answers: SipMessage[] = [];
  const troubles: string[] = [];
  const core = new ProxyCore({
    clock,
    chance: testChance,
    carrier: {
      ways: (_, to) => [to],
      send: async (request, to) => void sent.push({ request, to }),
      respond: async (response) => void answers.push(response),
      hasFlow: (flow) => flow !== 'udp gone',
    },
    own: ownAddressesOf([{ transport: 'udp', ...local, sentBy: proxySentBy }]),
    flowTokens: createFlowTokens('s'),
    locate: byAddress,
    chooseTargets: async () => ({ kind: 'targets', targets: [] }),
    abilities: { schemes: ['sip', 'sips'], optionTags: [] },
    limits: defaultProxyLimits,
    onTrouble: (why) => troubles.push(why),
    ...difference,
  });
  const requestsTo = (address: string) =>
    sent.filter(({ to }) => to.address === address).map(({ request }) => request);
  return {
    clock,
    core,
    sent,
    answers,
    troubles,
    requestsTo,
    /** A request of the caller's; everything that it sets going has been done afterwards. */
    asks: async (request: SipRequest, source = caller) => {
      core.receive(request, source);
      await clock.advance(0);
    },
    /** What the phone at that address answers to the last request of that method. */
    answersFrom: async (address: string, parts: ResponseParts, method = 'INVITE') => {
      const request = requestsTo(address).findLast((each) => each.method === method);
      if (request === undefined) throw new Error(`no ${method} was sent to ${address}`);
      core.receive(buildResponse(request, { toTag: `tag${address}`, ...parts }), caller);
      await clock.advance(0);
    },
    /** Statuses that went back to the caller, without those of its CANCEL. */
    statuses: () => answers.flatMap((each) => (each.kind === 'response' ? [each.status] : [])),
  };
}

/** Targets by their addresses. */
export function targetsAt(...addresses: readonly string[]): ProxyDecision {
  return { kind: 'targets', targets: addresses.map((host) => ({ uri: `sip:ben@${host}` })) };
}
