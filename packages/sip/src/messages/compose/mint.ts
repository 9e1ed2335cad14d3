import type { Chance } from '@understudy/ports';
import { branchCookie } from '../fields/parse-via.ts';

/** A branch that is unique across space and time (RFC 3261, section 8.1.1.7). */
export function mintBranch(chance: Chance): string {
  return `${branchCookie}${mint(chance)}`;
}

/** A tag for From or To, with more than the 32 bits of chance of section 19.3. */
export function mintTag(chance: Chance): string {
  return mint(chance);
}

/** A Call-ID without a host name in it, which tells nobody where it was made (section 8.1.1.4). */
export function mintCallId(chance: Chance): string {
  return mint(chance);
}

function mint(chance: Chance): string {
  return chance.uuid().replaceAll('-', '');
}
