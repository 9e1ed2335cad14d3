import { createHmac, randomBytes } from 'node:crypto';
import { isSameText } from './digest-response.ts';

// A nonce is its moment of birth, chance, and a signature under a key that grows from the
// deployment's secret: so either pool accepts what the other gave out, and nothing
// has to be stored to know one's own.

/** `foreign`: not made under our secret; `stale`: ours, and too old. */
export type NonceJudgement = 'good' | 'stale' | 'foreign';
export type Nonces = { make(): string; judge(nonce: string): NonceJudgement };

export type NonceOptions = {
  readonly secret: string;
  /** Milliseconds since 1970: the only clock that two machines share. */
  readonly nowMs: () => number;
  readonly lifeMs?: number;
};

const nonceLifeMs = 5 * 60_000;
/** How far the partner's clock may be ahead of ours. */
const clockSkewMsMax = 5 * 60_000;
const stampLength = 12;
const chanceLength = 16;

export function createNonces({ secret, nowMs, lifeMs = nonceLifeMs }: NonceOptions): Nonces {
  const key = createHmac('sha256', secret).update('understudy digest nonce 1').digest();
  const sign = (body: string) =>
    createHmac('sha256', key).update(body).digest('base64url').slice(0, 24);
  return {
    make: () => {
      const stamp = nowMs().toString(16).padStart(stampLength, '0');
      const body = `${stamp}${randomBytes(chanceLength / 2).toString('hex')}`;
      return `${body}${sign(body)}`;
    },
    judge: (nonce) => {
      const body = nonce.slice(0, stampLength + chanceLength);
      if (!isSameText(nonce.slice(body.length), sign(body))) return 'foreign';
      const ageMs = nowMs() - Number.parseInt(body.slice(0, stampLength), 16);
      return ageMs < -clockSkewMsMax || ageMs > lifeMs ? 'stale' : 'good';
    },
  };
}
