import type { Generation } from '../../generation.ts';
import type { Brand } from '../../ids.ts';

/** A log sequence number as PostgreSQL prints it: `16/B374D848` (pg_lsn). */
export type Lsn = Brand<string, 'Lsn'>;

/** A generation and an LSN of the copy that was active in it. Bare LSNs are never compared. */
export type Position = { readonly generation: Generation; readonly lsn: Lsn };

export type PositionOrder = 'before' | 'same' | 'after' | 'incomparable';

/** Judges an LSN's text at the edge where it enters; throws on anything else. */
export function asLsn(text: string): Lsn {
  if (!/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(text)) {
    throw new RangeError(`an LSN looks like 16/B374D848, not ${JSON.stringify(text)}`);
  }
  return text as Lsn;
}

/** Where `left` stands to `right`; positions of two generations have no order. */
export function comparePositions(left: Position, right: Position): PositionOrder {
  if (left.generation !== right.generation) return 'incomparable';
  const difference = lsnBytes(left.lsn) - lsnBytes(right.lsn);
  if (difference === 0n) return 'same';
  return difference < 0n ? 'before' : 'after';
}

/** Bytes of WAL from `from` to `to`, both of one store; never negative. */
export function lagBytes(from: Lsn, to: Lsn): number {
  const difference = lsnBytes(to) - lsnBytes(from);
  return difference > 0n ? Number(difference) : 0;
}

function lsnBytes(lsn: Lsn): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
