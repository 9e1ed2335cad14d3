import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Destination, Transport } from './destination.ts';
import type { Source } from './source.ts';

// A flow token (RFC 5626, section 5.2) names a flow to whoever sends a request back to the server
// that holds it. It is signed, so that nobody can make this server send to a place of their choice.

const separator = '\n';
const signatureBytes = 15;
const tokenLengthMax = 400;
const transports: readonly Transport[] = ['udp', 'tcp', 'tls'];

export type TokenFlow = Pick<Source, 'transport' | 'address' | 'port' | 'flow'>;

export type FlowTokens = {
  /** Letters, digits, `-` and `_`: fit for the user part of a Path URI. */
  make(flow: TokenFlow): string;
  /** Where a token leads; undefined for one that is not ours. The flow itself may be gone. */
  read(token: string): Destination | undefined;
};

/** `secret` is this server's own or its deployment's; a token of before its change is refused. */
export function createFlowTokens(secret: string): FlowTokens {
  const key = createHmac('sha256', secret).update('understudy flow token 1').digest();
  const sign = (body: string) =>
    createHmac('sha256', key).update(body).digest().subarray(0, signatureBytes);
  return {
    make: ({ transport, address, port, flow }) => {
      const body = [transport, address, port, flow].join(separator);
      return Buffer.concat([sign(body), Buffer.from(body)]).toString('base64url');
    },
    read: (token) => {
      if (token.length > tokenLengthMax) return undefined;
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(signatureBytes).toString();
      const given = bytes.subarray(0, signatureBytes);
      if (given.length < signatureBytes || !timingSafeEqual(given, sign(body))) return undefined;
      const [name, address = '', port = '', flow = ''] = body.split(separator);
      const transport = transports.find((each) => each === name);
      if (transport === undefined) return undefined;
      return { transport, address, port: Number(port), flow };
    },
  };
}
