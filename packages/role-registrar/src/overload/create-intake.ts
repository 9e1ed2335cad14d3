import type { Chance, Log } from '@understudy/ports';
import { headerField, type ProxyDecision, type ProxyRequest, toTag } from '@understudy/sip';

// Who refuses a few early serves the others in time: a phone that hears nothing for half a second
// sends its request again (timer T1, RFC 3261, section 17), and the load doubles by itself. What is
// asked within a dialog is always taken: calls that go on come before new ones. The transactions
// have bounds of their own, by count, which are there for attacks.

export type IntakeBounds = {
  /** New requests that wait for the store at once. */
  readonly waitingMax: number;
  /** Under T1, so that nobody has repeated anything yet. */
  readonly lateMsMax: number;
};

export const defaultIntakeBounds: IntakeBounds = { waitingMax: 1_000, lateMsMax: 400 };

export type IntakeOptions = {
  readonly bounds?: IntakeBounds;
  /** How late this process is by now, in milliseconds. */
  readonly lateMs: () => number;
  /** Of those who wait, how many wait for a pool that is on its way: not for the store. */
  readonly arriving: () => number;
  readonly chance: Pick<Chance, 'fraction'>;
  readonly log: Log;
};

export type Intake = (
  asked: ProxyRequest,
  decide: () => Promise<ProxyDecision>,
) => Promise<ProxyDecision>;

/** Takes requests in, or answers new ones 503 while there is too much to do. */
export function createIntake(options: IntakeOptions): Intake {
  const { bounds = defaultIntakeBounds, lateMs, arriving, chance, log } = options;
  let [waiting, refused] = [0, 0];
  // It ends at half of what began it, so that it does not begin and end with every request.
  const isOver = (share: number) =>
    waiting - arriving() >= bounds.waitingMax * share || lateMs() >= bounds.lateMsMax * share;
  const mustRefuse = () => {
    const isRefusing = refused > 0;
    if (isOver(isRefusing ? 0.5 : 1)) {
      if (!isRefusing) log.say('warn', `sip: new requests are refused: ${why(waiting, lateMs())}`);
      refused += 1;
      return true;
    }
    if (isRefusing) log.say('info', `sip: all requests are taken again; ${refused} were refused`);
    refused = 0;
    return false;
  };
  return async ({ request }, decide) => {
    if (toTag(request) !== undefined) return await decide();
    if (mustRefuse()) return refusal(chance);
    waiting += 1;
    try {
      return await decide();
    } finally {
      waiting -= 1;
    }
  };
}

function why(waiting: number, lateMs: number): string {
  return `${waiting} wait and this process is ${Math.round(lateMs)} ms late; add servers`;
}

const retryAfterMin = 1;
const retryAfterMax = 5;

/** RFC 3261, section 21.5.4. Whoever is refused together must not come back together. */
function refusal(chance: Pick<Chance, 'fraction'>): ProxyDecision {
  const spread = Math.floor(chance.fraction() * (retryAfterMax - retryAfterMin + 1));
  const headers = [headerField('Retry-After', `${retryAfterMin + spread}`)];
  return { kind: 'answer', status: 503, reason: 'Too Much To Do', headers };
}
