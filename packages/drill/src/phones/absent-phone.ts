import type { PhoneRecords } from '../users/clients.ts';
import { newId } from '../users/new-id.ts';
import type { Phone } from './create-phone.ts';
import { sendMessage } from './phone-probes.ts';

/** A phone that is off until it signs in, and somebody who leaves messages for it. */
export type AbsentPhone = {
  /** In limited mode: true when the message was kept. */
  leaveMessage(): Promise<boolean>;
  signIn(): Promise<boolean>;
  /** How many of those that were kept have not come. */
  missing(): number;
};

export function createAbsentPhone(writer: Phone, phone: Phone, records: PhoneRecords): AbsentPhone {
  const kept: string[] = [];
  return {
    leaveMessage: async () => {
      const id = newId();
      const sent = { from: writer, to: phone, id, isQueued: true };
      if ((await sendMessage(sent, records)) !== 202) return false;
      kept.push(id);
      return true;
    },
    signIn: () => phone.signIn(),
    missing: () => kept.filter((id) => !phone.heard.message(id)).length,
  };
}
