import { createSocket } from 'node:dgram';
import { connect, isIP, isIPv6 } from 'node:net';
import { isAnswerTo, isTruncated } from './read-answer.ts';

export type NameServer = { readonly address: string; readonly port: number };

const dnsPort = 53;

/** A name server as Node writes it: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[…]:5353`. */
export function nameServerOf(text: string): NameServer {
  if (isIP(text) !== 0) return { address: text, port: dnsPort };
  const [, address = text, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(text) ?? [];
  return { address, port: port === undefined ? dnsPort : Number(port) };
}

/**
 * The answer of one name server to one query: over UDP, and over TCP where it did not fit (RFC
 * 7766, section 5). Rejects when the server refuses, or with the signal's reason.
 */
export async function askNameServer(
  query: Buffer,
  server: NameServer,
  signal: AbortSignal,
): Promise<Buffer> {
  const answer = await askByUdp(query, server, signal);
  return isTruncated(answer) ? await askByTcp(query, server, signal) : answer;
}

/**
 * Each question has a socket, so a source port, of its own (RFC 5452, section 9.2), and it is
 * connected: the system lets nothing through but what comes from the server's address and port.
 * What is no answer to the query is passed over, so that who guesses wrong ends nothing.
 */
function askByUdp(
  query: Buffer,
  { address, port }: NameServer,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const answer = new Promise<Buffer>((resolve, reject) => {
    rejectOnAbort(signal, reject);
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      if (isAnswerTo(query, bytes)) resolve(bytes);
    });
    socket.once('connect', () => socket.send(query));
    socket.connect(port, address);
  });
  return answer.finally(() => socket.close());
}

function askByTcp(
  query: Buffer,
  { address, port }: NameServer,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = connect({ host: address, port });
  const answer = new Promise<Buffer>((resolve, reject) => {
    rejectOnAbort(signal, reject);
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed the connection without an answer')));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const whole = framedIn(received);
      if (whole === undefined) return;
      if (isAnswerTo(query, whole)) resolve(whole);
      else reject(new Error('what it sent over TCP is no answer to the question'));
    });
    socket.once('connect', () => socket.write(Buffer.concat([lengthOf(query), query])));
  });
  return answer.finally(() => socket.destroy());
}

/** RFC 1035, section 4.2.2: over TCP a message follows its length, in two bytes. */
function framedIn(received: Buffer): Buffer | undefined {
  if (received.length < 2) return undefined;
  const end = 2 + received.readUInt16BE(0);
  return received.length < end ? undefined : received.subarray(2, end);
}

function lengthOf(query: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.length);
  return length;
}

function rejectOnAbort(signal: AbortSignal, reject: (reason: unknown) => void): void {
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
}
