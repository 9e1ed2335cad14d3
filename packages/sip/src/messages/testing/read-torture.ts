import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { SipMessage } from '../message.ts';
import { parseDatagram } from '../parse/parse-datagram.ts';

const folder = new URL('../../../test-data/rfc4475/', import.meta.url);

/** The messages of RFC 4475, by their names there in lower case: `wsinv`. */
export const torture: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.dat'))
    .map((file) => [nameOf(file), readFileSync(new URL(file, folder))]),
);

/** `TC_WSINV_V.dat` to `wsinv`: prefix and suffix are LibSip's. */
function nameOf(file: string): string {
  return file
    .replace(/^TC_/, '')
    .replace(/(_[IV])?\.dat$/, '')
    .toLowerCase();
}

/** The message of that name, as a datagram gives it. */
export function tortureMessage(name: string): SipMessage {
  const datagram = parseDatagram(torture.get(name) ?? Buffer.alloc(0));
  assert.ok(datagram.kind === 'message', `there is no torture message ${name}`);
  return datagram.message;
}
