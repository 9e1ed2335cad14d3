import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from '../../e2e/sites/wait-for.ts';
import { bounds } from '../bounds.ts';

/** What baresip tells of itself (its module ctrl_tcp): an event, or the answer to a command. */
export type Told = {
  readonly event?: boolean;
  readonly type?: string;
  readonly param?: string;
  readonly response?: boolean;
  readonly ok?: boolean;
  readonly data?: string;
  readonly token?: string;
};

/** JSON in netstrings: the length in digits, a colon, the text, a comma. */
export class ControlLine implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #commands = 0;

  static async open(port: number): Promise<ControlLine> {
    return await waitFor(
      `that the phone answers at port ${port}`,
      async () => {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        return new ControlLine(socket);
      },
      bounds.signInMs,
    );
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    // A phone that is killed says nothing more; who waits for it finds that out by its bound.
    socket.on('error', () => undefined);
  }

  /** Gives a command and waits until it is taken; throws where the phone refuses it. */
  async command(command: string, params = ''): Promise<string> {
    this.#commands += 1;
    const token = `${this.#commands}`;
    const text = JSON.stringify({ command, params, token });
    this.#socket.write(`${Buffer.byteLength(text)}:${text},`);
    const answer = await waitFor(
      `the phone's answer to ${command} ${params}`,
      () => this.told.find((each) => each.response === true && each.token === token),
      bounds.commandMs,
    );
    if (answer.ok !== true) throw new Error(`the phone refuses ${command}: ${answer.data}`);
    return answer.data ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let colon = this.#rest.indexOf(':'); colon >= 0; colon = this.#rest.indexOf(':')) {
      const length = Number(this.#rest.subarray(0, colon).toString());
      if (!Number.isInteger(length)) {
        this.#socket.destroy(); // Not the phone's words; whoever waits finds out by its bound.
        return;
      }
      const end = colon + 1 + length;
      if (this.#rest.length <= end) return; // Its comma is still to come.
      this.told.push(JSON.parse(this.#rest.subarray(colon + 1, end).toString()) as Told);
      this.#rest = this.#rest.subarray(end + 1);
    }
  }
}
