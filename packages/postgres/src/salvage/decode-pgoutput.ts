import { asLsn, type ChangeAct, type Lsn } from '@understudy/core';

// What pgoutput says (PostgreSQL documentation, "Logical Replication Message Formats"), protocol
// version 1, text. Values stay text: a merge gives them back to PostgreSQL as they are, and nothing
// is rounded on the way.

export type TailTable = { readonly name: string; readonly columns: readonly TailColumn[] };
export type TailColumn = { readonly name: string; readonly isKey: boolean };

/** Columns with their text; one whose value was neither changed nor sent (TOAST) is absent. */
export type TailRow = ReadonlyMap<string, string | null>;

export type TailChange = {
  readonly act: ChangeAct;
  readonly table: string;
  /** The new row; of a delete, its key. */
  readonly row: TailRow;
  /** The key before, where an update changed it. */
  readonly oldKey?: TailRow;
};

export type TailTransaction = {
  readonly commitLsn: Lsn;
  /** What an apply worker stores as its position when it has applied this. */
  readonly endLsn: Lsn;
  /** Milliseconds since 1970. */
  readonly committedAtMs: number;
  readonly changes: readonly TailChange[];
};

/** Puts messages together to whole transactions, which pgoutput gives in commit order. */
export class TailDecoder {
  readonly #tables = new Map<number, TailTable>();
  #changes: TailChange[] = [];

  /** The transaction that this message ends, if it ends one. */
  take(data: Buffer): TailTransaction | undefined {
    const message = new Message(data);
    const kind = message.letter();
    switch (kind) {
      case 'B':
        this.#changes = [];
        return undefined;
      case 'C':
        return this.#commit(message);
      case 'R':
        this.#relation(message);
        return undefined;
      case 'I':
      case 'U':
      case 'D':
        this.#changes.push(this.#change(kind, message));
        return undefined;
      // Origins, types and logical messages tell nothing of rows.
      case 'O':
      case 'Y':
      case 'M':
        return undefined;
      default:
        throw new RangeError(`pgoutput said ${JSON.stringify(kind)}, which no table of app can do`);
    }
  }

  #commit(message: Message): TailTransaction {
    message.byte();
    const [commitLsn, endLsn] = [message.lsn(), message.lsn()];
    const committedAtMs = message.momentMs();
    const changes = this.#changes;
    this.#changes = [];
    return { commitLsn, endLsn, committedAtMs, changes };
  }

  #relation(message: Message): void {
    const oid = message.int32();
    message.text();
    const name = message.text();
    message.byte();
    const columns = Array.from({ length: message.int16() }, () => {
      const isKey = (message.byte() & 1) === 1;
      const column = message.text();
      message.int32();
      message.int32();
      return { name: column, isKey };
    });
    this.#tables.set(oid, { name, columns });
  }

  #change(kind: 'I' | 'U' | 'D', message: Message): TailChange {
    const oid = message.int32();
    const table = this.#tables.get(oid);
    if (table === undefined) throw new RangeError(`pgoutput named no relation ${oid} before`);
    const first = message.letter();
    if (kind === 'D') return { act: 'delete', table: table.name, row: keyOf(table, message) };
    if (first === 'N') {
      const act = kind === 'I' ? 'insert' : 'update';
      return { act, table: table.name, row: message.tuple(table) };
    }
    const oldKey = keyOf(table, message);
    message.letter();
    return { act: 'update', table: table.name, row: message.tuple(table), oldKey };
  }
}

/** A tuple that tells a key has nulls in place of all other columns. */
function keyOf(table: TailTable, message: Message): TailRow {
  const row = message.tuple(table);
  const keys = table.columns.filter(({ isKey }) => isKey);
  return new Map(keys.map(({ name }) => [name, row.get(name) ?? null]));
}

/** Microseconds between 1970 and 2000, when PostgreSQL's time begins. */
const epochMicroseconds = 946_684_800_000_000n;

class Message {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  byte(): number {
    return this.#data.readUInt8(this.#step(1));
  }

  letter(): string {
    return String.fromCharCode(this.byte());
  }

  int16(): number {
    return this.#data.readUInt16BE(this.#step(2));
  }

  int32(): number {
    return this.#data.readUInt32BE(this.#step(4));
  }

  lsn(): Lsn {
    const [high, low] = [this.int32(), this.int32()];
    return asLsn(`${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`);
  }

  momentMs(): number {
    const since = this.#data.readBigInt64BE(this.#step(8));
    return Number((since + epochMicroseconds) / 1000n);
  }

  text(): string {
    const end = this.#data.indexOf(0, this.#at);
    const value = this.#data.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return value;
  }

  tuple({ columns }: TailTable): TailRow {
    const row = new Map<string, string | null>();
    const count = this.int16();
    for (let index = 0; index < count; index++) {
      const name = columns[index]?.name ?? `column ${index}`;
      const kind = this.letter();
      if (kind === 'n') row.set(name, null);
      if (kind === 't') row.set(name, this.#value());
    }
    return row;
  }

  #value(): string {
    const length = this.int32();
    const from = this.#step(length);
    return this.#data.toString('utf8', from, from + length);
  }

  #step(bytes: number): number {
    const from = this.#at;
    this.#at += bytes;
    return from;
  }
}
