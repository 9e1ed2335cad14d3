import type { SipRequest } from '../messages/message.ts';
import { checkForProxy } from '../messages/validate/check-for-proxy.ts';
import type { Source } from '../transports/source.ts';
import { wayHashOf } from './loop-detection.ts';
import { breadthOf } from './max-breadth.ts';
import { firstHopOf, makeCopy } from './make-copy.ts';
import type { ProxyCoreOptions } from './proxy-core-options.ts';
import { readOwnRoutes } from './record-routes.ts';
import { takeOwnRoutes } from './route-request.ts';

/**
 * Passes on the ACK of a 2xx, without a state: it is never answered, and its sender repeats it with
 * every repeated 2xx (RFC 3261, section 13.2.2.4). Only where a Route of ours is signed: an ACK of
 * a dialog that was never let through here would make this server send for strangers.
 */
export async function forwardAck(
  ack: SipRequest,
  source: Source,
  options: ProxyCoreOptions,
): Promise<void> {
  const { own, flowTokens, carrier, abilities, onTrouble } = options;
  const { request, ownRoutes } = takeOwnRoutes(ack, own.isOwnUri);
  const { isSigned, flow } = readOwnRoutes(ownRoutes, source, flowTokens);
  if (!isSigned || checkForProxy(request, abilities).kind !== 'accept') {
    onTrouble?.('an ACK of no dialog that passes here is dropped');
    return;
  }
  const prepared = { request, source, wayHash: wayHashOf(ack) };
  const target = { uri: request.uri };
  try {
    const uri = firstHopOf(prepared, target);
    const hasRoute = request.headers.some(({ key }) => key === 'route');
    const located = uri === undefined ? [] : await options.locate(uri);
    const isByFlow = flow?.flow !== undefined && !hasRoute && carrier.hasFlow(flow.flow);
    const [destination] = isByFlow ? [flow] : located;
    if (destination === undefined) return;
    const breadth = breadthOf(request);
    await carrier.send(makeCopy(prepared, { target, destination, breadth }, options), destination);
  } catch (error) {
    onTrouble?.(`an ACK is lost: ${error instanceof Error ? error.message : String(error)}`);
  }
}
