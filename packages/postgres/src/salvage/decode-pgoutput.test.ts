import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TailDecoder, type TailTransaction } from './decode-pgoutput.ts';

// Messages as the documentation of PostgreSQL lays them out, built by hand.

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const int64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const text = (value: string) => Buffer.from(`${value}\0`);
const letter = (value: string) => Buffer.from(value);
const value = (of: string) => [letter('t'), int32(Buffer.byteLength(of)), Buffer.from(of)];
const join = (...parts: readonly (Buffer | readonly Buffer[])[]) => Buffer.concat(parts.flat());

const begin = join(letter('B'), int64(0x1_0000_0010n), int64(0n), int32(7));
const commit = join(
  letter('C'),
  Buffer.from([0]),
  int64(0x1_0000_0010n),
  int64(0x1_0000_0040n),
  int64(1_000_000n),
);
const column = (name: string, isKey: boolean) => [
  Buffer.from([isKey ? 1 : 0]),
  text(name),
  int32(25),
  int32(0),
];
const relation = join(
  letter('R'),
  int32(42),
  text('app'),
  text('contacts'),
  letter('d'),
  int16(3),
  column('id', true),
  column('uri', false),
  column('note', false),
);

function decode(...changes: readonly Buffer[]): TailTransaction | undefined {
  const decoder = new TailDecoder();
  for (const message of [begin, relation, ...changes]) {
    assert.equal(decoder.take(message), undefined);
  }
  return decoder.take(commit);
}

test('a transaction is given whole with its commit, its places and its time', () => {
  const insert = join(
    letter('I'),
    int32(42),
    letter('N'),
    int16(3),
    value('1'),
    value('ü'),
    letter('n'),
  );
  const found = decode(insert);
  assert.equal(found?.commitLsn, '1/10');
  assert.equal(found?.endLsn, '1/40');
  assert.equal(found?.committedAtMs, Date.UTC(2000, 0, 1, 0, 0, 1));
  const row = new Map([
    ['id', '1'],
    ['uri', 'ü'],
    ['note', null],
  ]);
  assert.deepEqual(found?.changes, [{ act: 'insert', table: 'contacts', row }]);
});

test('what an update does not send is absent, and a key that it changed is told', () => {
  const plain = join(
    letter('U'),
    int32(42),
    letter('N'),
    int16(3),
    value('1'),
    letter('u'),
    letter('n'),
  );
  assert.deepEqual([...(decode(plain)?.changes[0]?.row.keys() ?? [])], ['id', 'note']);
  const key = [int16(3), ...value('0'), letter('n'), letter('n')];
  const after = [int16(3), ...value('1'), ...value('b'), ...value('c')];
  const moved = join(letter('U'), int32(42), letter('K'), key, letter('N'), after);
  assert.deepEqual(decode(moved)?.changes[0]?.oldKey, new Map([['id', '0']]));
});

test('a delete tells its key alone', () => {
  const gone = join(
    letter('D'),
    int32(42),
    letter('K'),
    int16(3),
    value('1'),
    letter('n'),
    letter('n'),
  );
  const row = new Map([['id', '1']]);
  assert.deepEqual(decode(gone)?.changes, [{ act: 'delete', table: 'contacts', row }]);
});

test('what no table of ours can do is no silence', () => {
  const truncate = join(letter('T'), int32(1), Buffer.from([0]), int32(42));
  assert.throws(() => decode(truncate), /"T"/);
  const unknown = join(letter('I'), int32(43), letter('N'), int16(0));
  assert.throws(() => decode(unknown), /43/);
});
