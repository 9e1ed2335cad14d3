// The times of a lease, and why they are safe (decisions/0029).
//
// L1. A holder reads its clock, then renews; a majority's answer makes the lease valid until that
//     reading plus the safe part (V1).
// L2. A watcher's time begins when the answer with the record has arrived, and a record may be
//     taken by a request that is sent a whole lease time later (V2).
// L3. Any clock runs at a rate within `clockRateError` of true time (V3). So the safe part lasts at
//     most safe / (1 - e), and a watch at least lease / (1 + e): equal, for the safe part below.

/** How far the rate of any clock may be from true time: 10 %. */
export const clockRateError = 0.1;

/** A lease is renewed this many times in its whole time. */
export const renewalsPerLease = 3;

/** For how long a lease is valid from the reading before its renewal, on the holder's clock. */
export function safePartMs(leaseMs: number): number {
  return Math.floor((leaseMs * (1 - clockRateError)) / (1 + clockRateError));
}

/** Until when a lease holds, by the clock that was read before its renewal was sent. */
export function validUntilMs(readingMs: number, leaseMs: number): number {
  return readingMs + safePartMs(leaseMs);
}

/** Between two renewals of a lease. */
export function renewLeaseEveryMs(leaseMs: number): number {
  return Math.floor(leaseMs / renewalsPerLease);
}
