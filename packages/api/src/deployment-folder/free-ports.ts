import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server as Listener } from 'node:net';

// Where ports come from that are kept: of servers, and of stores and the witness.

const basesMax = 50;
const portsBegin = 10_240;
/** Where Linux begins to give ports to connections if nothing else is set (ip(7)). */
const givenByDefault = 32_768;

/**
 * Ports in a row below those that the system gives to connections: nobody's connection, and no
 * listener that takes any port, has one by the time it is used. All are held open together.
 */
export async function freePorts(count: number): Promise<number[]> {
  const end = (await firstGivenPort()) - count;
  for (let tries = 0; end > portsBegin && tries < basesMax; tries++) {
    const base = randomInt(portsBegin, end);
    const row = Array.from({ length: count }, (_, index) => base + index);
    const ports = await holdOnce(row).catch(() => undefined);
    if (ports !== undefined) return ports;
  }
  return holdOnce(Array.from({ length: count }, () => 0));
}

async function firstGivenPort(): Promise<number> {
  const path = '/proc/sys/net/ipv4/ip_local_port_range';
  const range = await readFile(path, 'utf8').catch(() => undefined);
  return Number(range?.trim().split(/\s+/)[0] ?? givenByDefault);
}

async function holdOnce(wanted: readonly number[]): Promise<number[]> {
  const tried = await Promise.allSettled(wanted.map((each) => listen(each, '127.0.0.1')));
  const held = tried.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const ports = held.map((listener) => (listener.address() as { port: number }).port);
  await Promise.all(held.map(closed));
  if (ports.length < wanted.length) throw new Error('a port is taken');
  return ports;
}

/** Whether nobody listens there at this moment. */
export async function canListen(number: number, address: string): Promise<boolean> {
  try {
    await closed(await listen(number, address));
    return true;
  } catch {
    return false;
  }
}

function listen(number: number, host: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen({ port: number, host, exclusive: true }, () => resolve(listener));
  });
}

function closed(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    listener.close(() => resolve());
  });
}
