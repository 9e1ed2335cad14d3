import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket as Connection } from 'node:net';
import type { TestContext } from 'node:test';
import dnsPacket, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';

/** A question as the name server got it, and ways to answer it. */
export type Asked = {
  readonly way: 'udp' | 'tcp';
  readonly packet: DecodedPacket;
  readonly query: Buffer;
  /** Sends bytes as they are; over TCP behind their length. */
  readonly send: (bytes: Buffer) => void;
  readonly from: RemoteInfo | undefined;
};

export type NameServerInTest = {
  /** `address:port`, for `servers`. */
  readonly at: string;
  /** Every question so far: `udp A east.test`. */
  readonly asked: string[];
  /** Resolves when that many questions have come. */
  readonly hasBeenAsked: (times: number) => Promise<void>;
};

/** A name server on a port that the system chose, the same for UDP and TCP, until the test ends. */
export async function aNameServer(
  t: TestContext,
  answer: (asked: Asked) => void,
): Promise<NameServerInTest> {
  const { udp, tcp, port } = await bothOnOnePort();
  const connections = new Set<Connection>();
  t.after(() => {
    udp.close();
    tcp.close();
    for (const each of connections) each.destroy();
  });
  const asked: string[] = [];
  const waiting = new Set<() => void>();
  const take = (query: Buffer, rest: Pick<Asked, 'way' | 'send' | 'from'>) => {
    const packet = dnsPacket.decode(query);
    const [question] = packet.questions ?? [];
    asked.push(`${rest.way} ${question?.type} ${question?.name}`);
    answer({ ...rest, packet, query });
    for (const look of waiting) look();
  };
  udp.on('message', (query, from) => {
    const send = (bytes: Buffer) => udp.send(bytes, from.port, from.address);
    take(query, { way: 'udp', send, from });
  });
  tcp.on('connection', (connection) => {
    connections.add(connection);
    connection.on('error', () => connections.delete(connection));
    connection.on('data', (bytes) => {
      const send = (whole: Buffer) => connection.write(framed(whole));
      take(bytes.subarray(2), { way: 'tcp', send, from: undefined });
    });
  });
  const hasBeenAsked = (times: number) =>
    new Promise<void>((resolve) => {
      const look = () => asked.length >= times && resolve();
      waiting.add(look);
      look();
    });
  return { at: `127.0.0.1:${port}`, asked, hasBeenAsked };
}

/** The right answer to a question: records, and what else stands in the message. */
export function answerTo(
  { packet }: Pick<Asked, 'packet'>,
  answers: Answer[],
  more: Packet & { code?: number } = {},
): Buffer {
  const { code = 0, ...rest } = more;
  const { id, questions } = packet;
  const bytes = dnsPacket.encode({ type: 'response', id, questions, answers, ...rest } as Packet);
  bytes.writeUInt8(code, 3);
  return bytes;
}

/** Another process may hold the TCP port of the number that the system chose for UDP. */
async function bothOnOnePort(): Promise<{ udp: Socket; tcp: Server; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer().listen(port, '127.0.0.1');
    try {
      await once(tcp, 'listening');
      return { udp, tcp, port };
    } catch (error) {
      udp.close();
      if (tries === 10) throw error;
    }
  }
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
