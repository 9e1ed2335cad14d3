import { bounds } from '../bounds.ts';
import type { PhoneRecords } from '../users/clients.ts';
import type { DrillUser } from '../users/drill-user.ts';
import type { PacedClient } from '../users/pace.ts';
import { type AbsentPhone, createAbsentPhone } from './absent-phone.ts';
import type { PhoneAddress } from './create-asking.ts';
import { createPhone, type Phone } from './create-phone.ts';
import type { PhoneLine } from './open-phone-line.ts';
import { createCallProbe, createMessageProbe, createSignInProbe } from './phone-probes.ts';

export type PhonesOptions = {
  /** Of one pool. */
  readonly users: readonly DrillUser[];
  readonly addresses: readonly PhoneAddress[];
  readonly domain: string;
  readonly line: PhoneLine;
};

const probePace = { everyMs: bounds.probeEveryMs, refusedPauseMs: bounds.refusedPauseMs };
const stayPace = { everyMs: bounds.registrationMs / 2, refusedPauseMs: bounds.refusedPauseMs };

/** Of this many users, how many probe each thing: it takes three phones, and one stays off. */
export function phoneProbesOf(users: number): number {
  return Math.min(bounds.probesPerPool, Math.floor(users / 5));
}

export type PoolPhones = {
  readonly clients: readonly PacedClient[];
  readonly absent: AbsentPhone;
};

/**
 * The phones of one pool. Some sign in again and again. The others, in pairs, sign in once: after a
 * failover messages and calls find them by nothing but the registrations that came along.
 */
export function createPoolPhones(
  { users, line, addresses, domain }: PhonesOptions,
  records: PhoneRecords,
): PoolPhones {
  const count = phoneProbesOf(users.length);
  const phones = users
    .slice(0, 3 * count + 1)
    .map((user) => createPhone({ line, user, addresses, domain }));
  const signing = phones.slice(0, count);
  const pairs = signing.map((_, index) => pairOf(phones, count + 2 * index));
  const calling = pairs.slice(0, bounds.callProbesPerPool);
  const probing = [
    ...signing.map((phone) => createSignInProbe(phone, records)),
    ...pairs.map(([one, other]) => createMessageProbe(one, other, records)),
    ...calling.map(([one, other]) => createCallProbe(other, one, records)),
  ];
  const clients = [
    ...pairs.flat().map((phone) => ({ act: () => phone.signIn(), pace: stayPace, phase: 0 })),
    ...probing.map((act) => ({ act, pace: probePace })),
  ];
  const [writer, absent] = pairOf([...pairs.flat().slice(0, 1), ...phones.slice(3 * count)], 0);
  return { clients, absent: createAbsentPhone(writer, absent, records) };
}

function pairOf(phones: readonly Phone[], first: number): readonly [Phone, Phone] {
  const [one, other] = phones.slice(first, first + 2);
  if (one === undefined || other === undefined) {
    throw new Error(`${phones.length} phones are too few for their probes: add users`);
  }
  return [one, other];
}
