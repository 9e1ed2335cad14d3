import { bounds } from '../bounds.ts';

/** What came of asking at one address. */
export type Reply<Place, Served> =
  | { readonly kind: 'served'; readonly served: Served }
  /** A challenge that can be answered: the same address is asked once more. */
  | { readonly kind: 'again' }
  | { readonly kind: 'sentTo'; readonly isThere: (place: Place) => boolean }
  | { readonly kind: 'refused' };

/** Asks until somebody serves; undefined when nobody did. */
export type AddressTurns<Place> = <Served>(
  ask: (place: Place) => Promise<Reply<Place, Served>>,
) => Promise<Served | undefined>;

/**
 * Stays with the address that served last. After a refusal the other one is asked at once, and each
 * but once: a redirect to where nobody served is not followed in circles.
 */
export function createAddressTurns<Place>(places: readonly Place[]): AddressTurns<Place> {
  let current = 0;
  const now = (): Place => {
    const place = places[current];
    if (place === undefined) throw new Error('a client needs at least one address');
    return place;
  };
  return async (ask) => {
    const tried = new Set<number>();
    for (let turns = 0; turns < bounds.turnsMax; turns += 1) {
      tried.add(current);
      const reply = await ask(now());
      if (reply.kind === 'served') return reply.served;
      if (reply.kind === 'again') continue;
      if (reply.kind === 'sentTo') {
        const there = places.findIndex(reply.isThere);
        if (there >= 0) current = there;
        if (!tried.has(current)) continue;
      }
      const next = places.findIndex((_, index) => !tried.has(index));
      if (next < 0) return undefined;
      current = next;
    }
    return undefined;
  };
}
