import { isIPv6 } from 'node:net';
import { writeVia } from '../messages/fields/parse-via.ts';
import { withFirstValue } from '../messages/header-list.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { topVia } from '../messages/read/read-fields.ts';
import { writeMessage } from '../messages/write/write-message.ts';
import { DatagramSocket } from './datagram-socket.ts';
import { type Destination, type FlowId, hostOf, nameOfDestination } from './destination.ts';
import { messageBytes, responseDestination, type Source, stampSource } from './source.ts';
import { StreamConnections } from './stream-connections.ts';
import { listenForStreams, type StreamListener } from './stream-listener.ts';
import { TransportError } from './transport-error.ts';
import { defaultTransportLimits } from './transport-limits.ts';
import type { Listener, Listening, Transports, TransportsOptions } from './transports.ts';

/** The largest request that goes by UDP where the path's MTU is not known (18.1.1). */
const datagramRequestBytesMax = 1_300;

/** Opens all listeners, or none: rejects with the system's error, and closes what was open. */
export async function openTransports(options: TransportsOptions): Promise<Transports> {
  const opened = new OpenTransports(options);
  try {
    for (const listener of options.listeners) await opened.listen(listener);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
  return opened;
}

class OpenTransports implements Transports {
  readonly listening: Listening[] = [];
  readonly #options: TransportsOptions;
  readonly #limits;
  readonly #streams: StreamConnections;
  readonly #datagrams: DatagramSocket[] = [];
  readonly #listeners: StreamListener[] = [];
  #stopSweep: () => void = () => undefined;

  constructor(options: TransportsOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultTransportLimits;
    this.#streams = new StreamConnections({
      ...options,
      limits: this.#limits,
      onMessage: (message, source) => this.#take(message, source),
      onFlowDead: (flow, why) => options.onFlowDead?.(flow, why),
    });
    this.#sweepLater();
  }

  get connections(): number {
    return this.#streams.size;
  }

  async listen(listener: Listener): Promise<void> {
    const { transport, address, advertised } = listener;
    const port = await (transport === 'udp'
      ? this.#listenUdp(listener)
      : this.#listenTcp(listener));
    const host = advertised?.host ?? hostOf(address);
    const sentBy = { host, port: advertised?.port ?? port };
    this.listening.push({ transport, address, port, sentBy });
  }

  ways(request: SipRequest, to: Destination): readonly Destination[] {
    // A flow is the way that a NAT has opened; there is no other.
    const isLarge = to.transport === 'udp' && messageBytes(request) > datagramRequestBytesMax;
    return isLarge && to.flow === undefined ? [{ ...to, transport: 'tcp' }, to] : [to];
  }

  async send(request: SipRequest, to: Destination): Promise<void> {
    if (to.transport === 'udp') {
      const socket = this.#socketTo(to);
      const bytes = writeMessage(this.#signed(request, { transport: 'udp', local: socket.local }));
      await socket.send(bytes, to);
      return;
    }
    const connection = await this.#connectionTo(to);
    await connection.send(writeMessage(this.#signed(request, connection.source)));
  }

  async respond(response: SipResponse, source: Source): Promise<void> {
    const bytes = writeMessage(response);
    if (source.transport === 'udp') {
      await this.#socketOf(source).send(bytes, responseDestination(response, source));
      return;
    }
    const same = this.#streams.flow(source.flow);
    const isOpen = same?.isOpen === true;
    const connection = isOpen
      ? same
      : await this.#streams.open(responseDestination(response, source));
    await connection.send(bytes);
  }

  hasFlow(flow: FlowId): boolean {
    if (flow.startsWith('udp ')) return this.#datagrams.some((each) => isFlowOf(each, flow));
    return this.#streams.flow(flow)?.isOpen === true;
  }

  expectWithin(flow: FlowId, idleMs: number): void {
    this.#streams.flow(flow)?.expectWithin(idleMs);
  }

  closeFlow(flow: FlowId, why: string): void {
    this.#streams.flow(flow)?.close(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopSweep();
    const closing = [...this.#listeners.splice(0), ...this.#datagrams.splice(0)];
    const closed = closing.map((each) => each.close());
    this.#streams.closeAll();
    await Promise.all(closed);
  }

  async #listenUdp({ address, port }: Listener): Promise<number> {
    const { messageLimits } = this.#options;
    const socket = await DatagramSocket.open({
      address,
      port,
      datagramsMax: this.#limits.datagramsMax,
      ...(messageLimits === undefined ? {} : { messageLimits }),
      onMessage: (message, source) => this.#take(message, source),
    });
    this.#datagrams.push(socket);
    return socket.local.port;
  }

  async #listenTcp(listener: Listener): Promise<number> {
    const stream = await listenForStreams(listener, this.#limits, (transport, socket) => {
      this.#streams.accept(transport, socket);
    });
    this.#listeners.push(stream);
    return stream.port;
  }

  #take(message: SipMessage, source: Source): void {
    if (message.kind === 'request') {
      this.#options.onMessage(stampSource(message, source), source);
      return;
    }
    // 18.1.2: a response whose top Via is not ours was sent to the wrong one, and is dropped.
    if (this.#isOurs(message, source)) this.#options.onMessage(message, source);
  }

  #isOurs(response: SipResponse, { local }: Source): boolean {
    const via = topVia(response);
    if (via === undefined) return false;
    const isNamed = this.listening.some(
      ({ sentBy }) =>
        sentBy.host.toLowerCase() === via.host.toLowerCase() && sentBy.port === via.port,
    );
    return isNamed || (via.host === hostOf(local.address) && via.port === local.port);
  }

  /** The request with what only the transport knows: how it goes out, and where to answer. */
  #signed(request: SipRequest, { transport, local }: Pick<Source, 'transport' | 'local'>) {
    const via = topVia(request);
    if (via === undefined) return request;
    // Responses come to where we listen (18.1.1), which for TCP is not where we connect from.
    const sentBy = this.#sentByOf(transport, local);
    const signed = { ...via, ...sentBy, transport: transport.toUpperCase() };
    return withFirstValue(request, 'via', writeVia(signed));
  }

  #sentByOf(transport: Source['transport'], local: Source['local']): Listening['sentBy'] {
    const all = this.listening.filter((each) => each.transport === transport);
    const same = all.find(({ address, port }) => address === local.address && port === local.port);
    const near = all.find(({ address }) => isIPv6(address) === isIPv6(local.address));
    const listener = same ?? near;
    return listener?.sentBy ?? { host: hostOf(local.address), port: local.port };
  }

  async #connectionTo(to: Destination) {
    if (to.flow === undefined) return await this.#streams.open(to);
    const connection = this.#streams.flow(to.flow);
    if (connection?.isOpen === true) return connection;
    throw flowDead(to);
  }

  #socketTo(to: Destination): DatagramSocket {
    const { flow } = to;
    const socket =
      flow === undefined
        ? this.#datagrams.find(({ local }) => isIPv6(local.address) === isIPv6(to.address))
        : this.#datagrams.find((each) => isFlowOf(each, flow));
    if (socket !== undefined) return socket;
    if (flow !== undefined) throw flowDead(to);
    const why = 'no UDP listener has an address of that family; add one';
    throw new TransportError('noListener', `sip ${nameOfDestination(to)}: ${why}`);
  }

  /** RFC 3581, section 4: the answer leaves from where the request came in. */
  #socketOf(source: Source): DatagramSocket {
    const { address, port } = source.local;
    const socket = this.#datagrams.find(
      ({ local }) => local.address === address && local.port === port,
    );
    return socket ?? this.#socketTo(source);
  }

  #sweepLater(): void {
    this.#stopSweep = this.#options.clock.timer(this.#limits.sweepMs, () => {
      this.#streams.sweep();
      this.#sweepLater();
    });
  }
}

function isFlowOf(socket: DatagramSocket, flow: FlowId): boolean {
  return flow.startsWith(socket.flowTo('', 0).slice(0, -2));
}

function flowDead(to: Destination): TransportError {
  const why = 'the flow is gone; its client has to register again';
  return new TransportError('flowDead', `sip ${nameOfDestination(to)}: ${why}`);
}
