// The timers of RFC 3261 (table 4), with L and M of RFC 6026, section 7.
//
// A reliable transport needs no retransmission and nobody has to be waited for who might send
// again: there the timers that retransmit never start, and those that absorb fire at once.

/** The settings that everything else is counted from; RFC 3261, 17.1.1.1. All in milliseconds. */
export type TimerSettings = {
  /** An estimate of the round trip. */
  readonly t1Ms: number;
  /** The longest pause between retransmissions of anything but an INVITE. */
  readonly t2Ms: number;
  /** How long a message may stay in the network. */
  readonly t4Ms: number;
};

export const defaultTimers: TimerSettings = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

export type TimerName =
  | ('A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M')
  | ('trying' | 'late' | 'unanswered');

/** What a timer is started with; `never` on a transport where it has no work. */
type TimerRow = {
  readonly unreliable: (settings: TimerSettings) => number;
  readonly reliable: 'same' | 'atOnce' | 'never';
  /** How the wait grows each time that it is started again. */
  readonly growth: 'none' | 'doubles' | 'doublesToT2';
  readonly about: string;
};

const t1 = ({ t1Ms }: TimerSettings) => t1Ms;
const t1Times64 = ({ t1Ms }: TimerSettings) => 64 * t1Ms;
const t4 = ({ t4Ms }: TimerSettings) => t4Ms;
/** RFC 3261, 17.1.1.2: at least 32 seconds, whatever T1 is. */
const longD = (settings: TimerSettings) => Math.max(32_000, t1Times64(settings));

// prettier-ignore
// biome-ignore format: one timer a line reads as the table of the RFC.
export const timerTable: { readonly [name in TimerName]: TimerRow } = {
  A: row(t1,        'never',  'doubles',     'INVITE request is sent again (17.1.1.2)'),
  B: row(t1Times64, 'same',   'none',        'INVITE client gives up (17.1.1.2)'),
  D: row(longD,     'atOnce', 'none',        'INVITE client absorbs responses (17.1.1.2)'),
  E: row(t1,        'never',  'doublesToT2', 'non-INVITE request is sent again (17.1.2.2)'),
  F: row(t1Times64, 'same',   'none',        'non-INVITE client gives up (17.1.2.2)'),
  G: row(t1,        'never',  'doublesToT2', 'INVITE response is sent again (17.2.1)'),
  H: row(t1Times64, 'same',   'none',        'INVITE server waits for the ACK (17.2.1)'),
  I: row(t4,        'atOnce', 'none',        'INVITE server absorbs ACKs (17.2.1)'),
  J: row(t1Times64, 'atOnce', 'none',        'non-INVITE server absorbs requests (17.2.2)'),
  K: row(t4,        'atOnce', 'none',        'non-INVITE client absorbs responses (17.1.2.2)'),
  L: row(t1Times64, 'same',   'none',        'INVITE server absorbs INVITEs after a 2xx (RFC 6026, 7.1)'),
  M: row(t1Times64, 'same',   'none',        'INVITE client awaits further 2xx (RFC 6026, 7.2)'),
  // Without names in the RFCs.
  trying:     row(() => 200,     'same', 'none', 'a 100 tells the client that its INVITE came (17.2.1)'),
  late:       row(timeEReachesT2, 'same', 'none', 'the first moment for a 100 to a non-INVITE (RFC 4320, 4.1)'),
  unanswered: row(t1Times64,     'same', 'none', 'timer F has ended the client: nobody listens (RFC 4320, 4.2)'),
};

function row(
  unreliable: TimerRow['unreliable'],
  reliable: TimerRow['reliable'],
  growth: TimerRow['growth'],
  about: string,
): TimerRow {
  return { unreliable, reliable, growth, about };
}

/** When a client's timer E comes to be T2: 0.5 + 1 + 2 seconds with the default settings. */
function timeEReachesT2({ t1Ms, t2Ms }: TimerSettings): number {
  let [passedMs, eMs] = [0, t1Ms];
  while (eMs > 0 && eMs < t2Ms) {
    passedMs += eMs;
    eMs *= 2;
  }
  return passedMs;
}

export type TimerUse = {
  readonly isReliable: boolean;
  /** How often it was started before in this transaction. */
  readonly startedBefore: number;
  /** Where the table wants the longest wait at once (17.1.2.2: E while proceeding). */
  readonly isAtT2?: boolean;
  readonly settings: TimerSettings;
};

/** How long the timer runs, in milliseconds; undefined where it must not be started. */
export function waitMsOf(name: TimerName, use: TimerUse): number | undefined {
  const { unreliable, reliable, growth } = timerTable[name];
  if (use.isReliable && reliable === 'never') return undefined;
  if (use.isReliable && reliable === 'atOnce') return 0;
  if (use.isAtT2 === true) return use.settings.t2Ms;
  const firstMs = unreliable(use.settings);
  if (growth === 'none') return firstMs;
  const grownMs = firstMs * 2 ** use.startedBefore;
  return growth === 'doubles' ? grownMs : Math.min(grownMs, use.settings.t2Ms);
}
