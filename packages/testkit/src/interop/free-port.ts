import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { bounds } from './bounds.ts';

/** A port that is free over UDP and TCP, and the next over TCP: phones take that for TLS. */
export async function findPhonePort(): Promise<number> {
  for (let tries = 0; tries < bounds.portTriesMax; tries++) {
    const port = await takeTcp(0);
    if (port === undefined) continue;
    const isFree = (await takeTcp(port + 1)) !== undefined && (await isUdpFree(port));
    if (isFree) return port;
  }
  throw new Error(`no two ports in a row were free in ${bounds.portTriesMax} tries`);
}

async function takeTcp(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}

async function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
