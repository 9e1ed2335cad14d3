// RFC 7616, section 3.4: each nonce count is used once. Clients with several connections send them
// out of order, so the last few dozen are remembered one by one, as IPsec does (RFC 4303, 3.4.3).

const windowBits = 256n;
const windowMask = (1n << windowBits) - 1n;
type Window = { highest: number; seen: bigint };

export type NonceCounts = {
  /** True the first time that this count comes with this nonce. */
  take(nonce: string, nc: string): boolean;
};

/** Remembers `noncesMax` nonces; one that was forgotten counts as never seen: it has an expiry. */
export function createNonceCounts(noncesMax = 50_000): NonceCounts {
  const windows = new Map<string, Window>();
  return {
    take: (nonce, nc) => {
      const count = Number.parseInt(nc, 16);
      const window = windows.get(nonce);
      if (window !== undefined) return takeIn(window, count);
      if (windows.size >= noncesMax) forgetOldest(windows);
      // A nonce of the partner pool comes with a count that is high already.
      windows.set(nonce, { highest: count, seen: 1n });
      return count > 0;
    },
  };
}

function takeIn(window: Window, count: number): boolean {
  const ahead = count - window.highest;
  if (ahead > 0) {
    const moved = ahead < Number(windowBits) ? window.seen << BigInt(ahead) : 0n;
    window.seen = (moved & windowMask) | 1n;
    window.highest = count;
    return true;
  }
  // Before the shift: a count far behind would ask for a number of 500 megabytes.
  if (-ahead >= Number(windowBits) || count === 0) return false;
  const bit = 1n << BigInt(-ahead);
  if ((window.seen & bit) !== 0n) return false;
  window.seen |= bit;
  return true;
}

function forgetOldest(windows: Map<string, Window>): void {
  const [oldest] = windows.keys(); // A Map keeps the order of insertion.
  if (oldest !== undefined) windows.delete(oldest);
}
