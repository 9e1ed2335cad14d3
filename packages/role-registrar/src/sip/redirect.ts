import { registrarDuties, type RolePool, servingSide, type SipPlace } from '@understudy/core';
import { headerField, type HeaderField, type Transport, writeQ } from '@understudy/sip';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { SipRefusal } from './sip-refusal.ts';

// Thousandths of q (RFC 3261, section 20.10). Clients that ignore them still have both contacts.
const likedBest = 700;
const likedLess = 300;
const retryAfterSeconds = 1;

/** Whether another server serves the pool, and this one knows which. */
export function isPointedElsewhere({ state, sip }: RolePool): boolean {
  const duty = sip === undefined ? undefined : registrarDuties[state][sip.side];
  return duty === 'pointHome' || duty === 'pointToBackup';
}

/**
 * What users of a pool that is not served here are told, as the pool's state and the side of this
 * server say (core: registrarDuties): where to go, or to come back soon.
 */
export function refusalElsewhere({ state, sip }: RolePool, transport: Transport): SipRefusal {
  const duty = sip === undefined ? undefined : registrarDuties[state][sip.side];
  const contacts = (places: readonly SipPlace[], q: number) =>
    places.map((place) => contactOf(place, q, transport));
  if (sip !== undefined && duty === 'pointHome') {
    return moved([...contacts(sip.home, likedBest), ...contacts(sip.backup, likedLess)]);
  }
  if (sip !== undefined && duty === 'pointToBackup') return moved(contacts(sip.backup, likedBest));
  return new SipRefusal(503, 'This Pool Is Not Served Here Now', [
    headerField('Retry-After', `${retryAfterSeconds}`),
  ]);
}

/**
 * A drained server sends phones that sign in to the others of its pool; undefined where there are
 * none. Calls that go on are not concerned.
 */
export function refusalDrained(
  { pool, mounted }: { readonly pool: RolePool; readonly mounted: ServedDataset },
  transport: Transport,
): SipRefusal | undefined {
  const others = mounted.mount.owners?.others ?? [];
  const welcome = pool.sip === undefined ? [] : pool.sip[servingSide(pool.state)];
  const places = welcome.filter(({ plain }) =>
    others.some(({ sip, isAnswering }) => isAnswering && sip?.plain === plain),
  );
  if (places.length === 0) return undefined;
  return moved(places.map((place) => contactOf(place, likedBest, transport)));
}

/** Servers of the pool's other side: where its phones go when they are not served here. */
export function othersOf({ sip }: RolePool): readonly SipPlace[] {
  if (sip === undefined) return [];
  return sip.side === 'home' ? sip.backup : sip.home;
}

/** RFC 3261, section 21.3.3. */
function moved(contacts: readonly HeaderField[]): SipRefusal {
  return new SipRefusal(302, 'Moved Temporarily', contacts);
}

function contactOf(place: SipPlace, q: number, transport: Transport): HeaderField {
  return headerField('Contact', `<${placeUri(place, transport)}>;q=${writeQ(q)}`);
}

/** A server for phones that speak this transport. */
export function placeUri({ plain, tls }: SipPlace, transport: Transport): string {
  const by = transport === 'udp' ? '' : `;transport=${transport}`;
  return `sip:${transport === 'tls' ? (tls ?? plain) : plain}${by}`;
}
