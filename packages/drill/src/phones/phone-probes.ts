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
    const startMs = nowMs();
    const answered = await phone.write(other.user.name, id);
    const isHeard = () => other.heard.message(id);
    const { pool } = other.user;
    const [endMs, status] = [nowMs(), answered?.status];
    if (answered?.status === 202) {
      const { store } = answered;
      records.ledger.add({ id, table: 'kept', pool, store, startMs, endMs });
      records.messages.add({ id, pool, how: 'kept', endMs, isHeard });
    }
    if (status === 200) records.messages.add({ id, pool, how: 'delivered', endMs, isHeard });
    return status === 200 && isHeard();
  });
}

export function createCallProbe(phone: Phone, other: Phone, records: PhoneRecords): Try {
  return measured(
    records,
    { kind: 'call', user: other.user },
    async () => other.isSignedIn() && (await phone.call(other)),
  );
}
