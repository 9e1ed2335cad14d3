import { nowMs } from '../measure/instant.ts';
import { measured, type PhoneRecords, type Try } from '../users/clients.ts';
import { newId } from '../users/new-id.ts';
import type { Phone } from './create-phone.ts';

// What a probe counts as success has been seen at both ends.

export function createSignInProbe(phone: Phone, records: PhoneRecords): Try {
  return measured(records, { kind: 'signIn', user: phone.user }, () => phone.signIn());
}

/** A message counts when the other phone has it, and its writer was told so. */
export function createMessageProbe(phone: Phone, other: Phone, records: PhoneRecords): Try {
  return measured(records, { kind: 'message', user: other.user }, async () => {
    if (!other.isSignedIn()) return false;
    const id = newId();
    const status = await sendMessage({ from: phone, to: other, id }, records);
    return status === 200 && other.heard.message(id);
  });
}

export type Sent = {
  readonly from: Phone;
  readonly to: Phone;
  /** Its body, which no other has. */
  readonly id: string;
  /** It is known to be limited mode that keeps it. */
  readonly isQueued?: boolean;
};

/** Writes what was acknowledged down; resolves with the status, undefined when nobody served it. */
export async function sendMessage(
  { from, to, id, isQueued = false }: Sent,
  { ledger, messages }: PhoneRecords,
): Promise<number | undefined> {
  const startMs = nowMs();
  const answered = await from.write(to.user.name, id);
  const isHeard = () => to.heard.message(id);
  const { pool } = to.user;
  const endMs = nowMs();
  if (answered?.status === 202) {
    const stores = [answered.store];
    ledger.add({ id, table: 'kept', pool, stores, isQueued, startMs, endMs });
    messages.add({ id, pool, how: 'kept', endMs, isHeard });
  }
  if (answered?.status === 200) messages.add({ id, pool, how: 'delivered', endMs, isHeard });
  return answered?.status;
}

export function createCallProbe(phone: Phone, other: Phone, records: PhoneRecords): Try {
  return measured(
    records,
    { kind: 'call', user: other.user },
    async () => other.isSignedIn() && (await phone.call(other)),
  );
}
