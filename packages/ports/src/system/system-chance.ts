import { randomBytes } from 'node:crypto';
import type { Chance } from '../chance.ts';

const two32 = 2 ** 32;

/** The machine's own chance. */
export const systemChance: Chance = {
  fraction: () => randomBytes(4).readUInt32BE() / two32,
  uuid: () => {
    const bytes = randomBytes(16);
    // RFC 9562, section 5.7: 48 bits of time, the version, and chance around the variant.
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    return [...parts, hex.slice(20)].join('-');
  },
};
