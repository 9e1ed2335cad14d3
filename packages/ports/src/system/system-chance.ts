import { randomBytes } from 'node:crypto';
import type { Chance } from '../chance.ts';

const two32 = 2 ** 32;
/** Drawn at once: an import takes ids by the million, and each draw is a call of the system. */
const drawnBytes = 8_192;

let drawn = Buffer.alloc(0);

/** Fresh bytes, handed out once and to nobody else. */
function draw(count: number): Buffer {
  if (drawn.length < count) drawn = randomBytes(drawnBytes);
  const bytes = drawn.subarray(0, count);
  drawn = drawn.subarray(count);
  return bytes;
}

/** The machine's own chance. */
export const systemChance: Chance = {
  fraction: () => draw(4).readUInt32BE() / two32,
  uuid: () => {
    const bytes = draw(16);
    // RFC 9562, section 5.7: 48 bits of time, the version, and chance around the variant.
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    return [...parts, hex.slice(20)].join('-');
  },
};
