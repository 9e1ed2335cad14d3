import { parameterValue } from '../messages/parameters.ts';
import type { Uri } from '../messages/uri/uri.ts';
import type { Transport } from '../transports/destination.ts';
import type { LocateTarget } from './locate.ts';

const transports: readonly Transport[] = ['udp', 'tcp', 'tls'];

/**
 * What a URI says about where it is (RFC 3263, section 4); undefined when it is no SIP URI, or
 * names a transport that this stack does not speak.
 */
export function locateTargetOf(uri: Uri): LocateTarget | undefined {
  if (uri.kind !== 'sip') return undefined;
  const host = parameterValue(uri.parameters, 'maddr') ?? uri.host;
  const named = parameterValue(uri.parameters, 'transport')?.toLowerCase();
  const transport = transports.find((each) => each === named);
  if (named !== undefined && transport === undefined) return undefined;
  return {
    host,
    isSecure: uri.scheme === 'sips',
    ...(uri.port === undefined ? {} : { port: uri.port }),
    ...(transport === undefined ? {} : { transport }),
  };
}
