import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Socket as DatagramSocket } from 'node:dgram';
import { writeMessage } from '../../messages/write/write-message.ts';
import { fragments, mutate, randomBytes, randomPieces } from '../../messages/testing/mutate.ts';
import type { Dice } from '../../messages/testing/mutate.ts';
import { torture } from '../../messages/testing/read-torture.ts';
import { aRequest } from '../messages.ts';

/** What is thrown at a server, and from where. */
export type Field = {
  readonly chance: Dice;
  readonly ports: { readonly udp: number; readonly tcp: number; readonly tls: number };
  readonly datagrams: DatagramSocket;
  /** Connections that were left open, to be slow on; the oldest gives way. */
  readonly open: Socket[];
};

type Blow = (field: Field) => Promise<void> | void;

const captures = [...torture.values()];
const methods = ['INVITE', 'MESSAGE', 'REGISTER', 'CANCEL', 'ACK', 'BYE', 'OPTIONS', 'NOTIFY', 'x'];
const slowMax = 40;

/** A request that a phone of the test could send, so that what is behind the parser is reached. */
function plausible(chance: Dice): Buffer {
  const method = chance.pick(methods);
  const uri = chance.pick(['sip:ben@west.test', 'sip:nobody@west.test', 'sip:west.test']);
  const branch = `z9hG4bK${chance.integer(0, 50)}`;
  const route = chance.pick(['<sip:127.0.0.1;lr>', '<sip:x@127.0.0.1:9>', '"', '<sip:a;lr>,<b>']);
  const headers = chance.fraction() < 0.3 ? [['Route', route] as const] : [];
  const body = 'x'.repeat(chance.pick([0, 10, 1_000]));
  const toTag = chance.fraction() < 0.3 ? { toTag: 'p' } : {};
  return Buffer.from(writeMessage(aRequest({ method, uri, branch, headers, body, ...toTag })));
}

function something(chance: Dice): Buffer {
  const what = chance.fraction();
  if (what < 0.1) return randomBytes(chance, 600);
  if (what < 0.2) return randomPieces(chance, 100);
  if (what < 0.4) return mutate(chance.pick(captures), chance);
  if (what < 0.7) return mutate(plausible(chance), chance);
  return plausible(chance);
}

async function opened({ open, ports, chance }: Field, port = ports.tcp): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  // Some of them never read what they are answered.
  if (chance.fraction() < 0.8) socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  open.push(socket);
  if (open.length > slowMax) open.shift()?.destroy();
  return socket;
}

const blows: readonly Blow[] = [
  function datagram({ datagrams, ports, chance }) {
    datagrams.send(something(chance), ports.udp, '127.0.0.1');
  },
  function burst({ datagrams, ports, chance }) {
    for (let count = chance.integer(1, 30); count > 0; count -= 1) {
      datagrams.send(something(chance), ports.udp, '127.0.0.1');
    }
  },
  async function stream(field) {
    const socket = await opened(field);
    const count = field.chance.integer(1, 6);
    const whole = Buffer.concat(Array.from({ length: count }, () => something(field.chance)));
    for (const piece of fragments(whole, field.chance).slice(0, 500)) socket.write(piece);
    if (field.chance.fraction() < 0.5) socket.end();
  },
  async function crowd(field) {
    for (let count = field.chance.integer(1, 15); count > 0; count -= 1) await opened(field);
  },
  /** A message that goes on where another blow left it: or never does. */
  function slow({ open, chance }) {
    if (open.length === 0) return;
    const part = something(chance);
    chance.pick(open).write(part.subarray(0, chance.integer(0, Math.min(part.length, 40) + 1)));
  },
  function pings({ open, chance }) {
    if (open.length > 0) chance.pick(open).write(chance.pick(['\r\n\r\n', '\r\n', '\r', '\0\0']));
  },
  function leave({ open, chance }) {
    if (open.length > 0) open.splice(chance.integer(0, open.length), 1)[0]?.resetAndDestroy();
  },
  async function noTls(field) {
    const socket = await opened(field, field.ports.tls);
    socket.write(randomBytes(field.chance, 300));
  },
];

/** One blow, which its seed alone decides. */
export async function strike(field: Field): Promise<string> {
  const blow = field.chance.pick(blows);
  await blow(field);
  return blow.name;
}
