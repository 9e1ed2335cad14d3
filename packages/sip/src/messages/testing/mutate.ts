/** What mutations are drawn from: the fakes' seeded chance. */
export type Dice = {
  fraction(): number;
  /** A whole number of at least `from` and below `below`. */
  integer(from: number, below: number): number;
  pick<Item>(items: readonly Item[]): Item;
};

/** What a grammar's reader trips over, and what the fields are made of. */
const pieces = [
  ['\r\n', '\n', '\r', '\r\n\r\n', '\r\n ', ' ', '\t', '\0', '"', '\\', '<', '>', '(', ')'],
  [';', ',', ':', '=', '?', '&', '@', '%', '%00', '%4', '/', '[', ']', '*', '\u00e9', '-1'],
  ['SIP/2.0', 'SIP/7.0', 'INVITE', 'sip:', 'tel:', 'sip:a@b', '<sip:a@b>', ';tag=1', ';lr'],
  ['Via: ', 'v: SIP/2.0/UDP h;branch=z9hG4bK1\r\n', 'Contact: *\r\n', 'Content-Length: 5\r\n'],
  ['l: 0\r\n', 'CSeq: 1 INVITE\r\n', 'Max-Forwards: 0\r\n', '99999999999999999999', '[::1]'],
]
  .flat()
  .map((text) => Buffer.from(text));

/** Random octets, of any value. */
export function randomBytes(chance: Dice, lengthMax: number): Buffer {
  const length = chance.integer(0, lengthMax);
  return Buffer.from(Array.from({ length }, () => chance.integer(0, 256)));
}

/** Random pieces of the grammar, in no order at all. */
export function randomPieces(chance: Dice, countMax: number): Buffer {
  const length = chance.integer(1, countMax);
  return Buffer.concat(Array.from({ length }, () => chance.pick(pieces)));
}

type Mutation = (bytes: Buffer, chance: Dice) => Buffer;

/** The first is the gentlest, and so the one that reaches the deepest. */
const mutations: readonly Mutation[] = [
  function flipOctet(bytes, chance) {
    const copy = Buffer.from(bytes);
    copy[chance.integer(0, Math.max(copy.length, 1))] = chance.integer(0, 256);
    return copy;
  },
  function cut(bytes, chance) {
    return bytes.subarray(0, placeIn(bytes, chance));
  },
  function remove(bytes, chance) {
    const [from, to] = rangeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, chance) {
    const [from, to] = rangeIn(bytes, chance);
    const part = bytes.subarray(from, Math.min(to, from + 40));
    const parts = Array.from({ length: chance.integer(1, 50) }, () => part);
    return Buffer.concat([bytes.subarray(0, to), ...parts, bytes.subarray(to)]);
  },
  function insert(bytes, chance) {
    const at = placeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(0, at), chance.pick(pieces), bytes.subarray(at)]);
  },
  function move(bytes, chance) {
    const [from, to] = rangeIn(bytes, chance);
    return Buffer.concat([bytes.subarray(from, to), bytes.subarray(0, from), bytes.subarray(to)]);
  },
];

/** A message with a few changes of any kind. */
export function mutate(bytes: Buffer, chance: Dice): Buffer {
  let mutated = bytes;
  for (let count = chance.integer(1, 4); count > 0; count -= 1) {
    const mutation = chance.fraction() < 0.5 ? mutations[0] : chance.pick(mutations);
    mutated = mutation?.(mutated, chance) ?? mutated;
  }
  return mutated;
}

/** The octets in pieces of random sizes: often one octet, sometimes all of them. */
export function fragments(bytes: Buffer, chance: Dice): Buffer[] {
  const sizeMax = chance.pick([2, 10, 100, 2_000, 100_000]);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + chance.integer(1, sizeMax);
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

function placeIn(bytes: Buffer, chance: Dice): number {
  return chance.integer(0, bytes.length + 1);
}

function rangeIn(bytes: Buffer, chance: Dice): [from: number, to: number] {
  const from = placeIn(bytes, chance);
  return [from, chance.integer(from, bytes.length + 1)];
}
