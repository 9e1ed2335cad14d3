import { lookAgainCode } from '@understudy/api';
import { bounds } from '../bounds.ts';
import type { WriteLedger } from '../check/write-ledger.ts';
import { nowMs } from '../measure/instant.ts';
import type { ProbeKind, ProbeLog } from '../measure/probe-log.ts';
import { newId } from './new-id.ts';
import type { PoolClient, Served } from './pool-client.ts';

/** Where clients keep what they met. */
export type Records = { readonly probes: ProbeLog; readonly ledger: WriteLedger };

/** A client's next try; resolves with whether it succeeded. */
export type Try = () => Promise<boolean>;

async function measured(
  { probes }: Records,
  about: { readonly kind: ProbeKind; readonly pool: string },
  act: Try,
): Promise<boolean> {
  const startMs = nowMs();
  const isGood = await act();
  probes.add(about.kind, about.pool, { startMs, endMs: nowMs(), isGood });
  return isGood;
}

/** Writes one note after the other; each is repeated under its id until it is acknowledged. */
export function createWriter(client: PoolClient, records: Records): Try {
  const { pool, name } = client.user;
  let id = newId();
  return () =>
    measured(records, { kind: 'write', pool }, async () => {
      const isAcknowledged = await sendNote(client, records, { id, to: name });
      if (isAcknowledged) id = newId();
      return isAcknowledged;
    });
}

export function createSignInProbe(client: PoolClient, records: Records): Try {
  const { pool, name } = client.user;
  return () =>
    measured(records, { kind: 'signIn', pool }, async () => {
      const served = await client.request({ method: 'GET', path: '/v1/me' });
      return served?.status === 200 && (parsed(served) as { name?: string }).name === name;
    });
}

/** Sends a note to itself and counts it as arrived when it stands in the mailbox. */
export function createMessageProbe(client: PoolClient, records: Records): Try {
  const { pool, name } = client.user;
  const mailbox = createMailbox(client);
  let id = newId();
  return () =>
    measured(records, { kind: 'message', pool }, async () => {
      if (!(await sendNote(client, records, { id, to: name }))) return false;
      if (!(await mailbox.holds(id))) return false;
      id = newId();
      return true;
    });
}

/** What users do all day: notes to others, and now and then a new contact. */
export function createOrdinaryUser(
  client: PoolClient,
  records: Records,
  recipients: readonly string[],
): Try {
  let count = 0;
  let id = newId();
  return async () => {
    const to = recipients[count % recipients.length] ?? client.user.name;
    const isContact = count % 5 === 4;
    const isAcknowledged = isContact
      ? await putContact(client, records, { id, to })
      : await sendNote(client, records, { id, to });
    if (!isAcknowledged) return false;
    id = newId();
    count += 1;
    return true;
  };
}

type Note = { readonly id: string; readonly to: string };

async function sendNote(client: PoolClient, { ledger }: Records, { id, to }: Note) {
  const startMs = nowMs();
  const body = { id, to, body: `note ${id.slice(-8)}` };
  const served = await client.request({ method: 'POST', path: '/v1/messages', body });
  if (served?.status !== 201) return false;
  const { position } = parsed(served) as { position?: string };
  const generation = Number(position?.split(':')[0]);
  const { store } = served;
  const { pool } = client.user;
  ledger.add({ id, table: 'messages', pool, store, generation, startMs, endMs: nowMs() });
  return true;
}

async function putContact(client: PoolClient, { ledger }: Records, { id, to }: Note) {
  const startMs = nowMs();
  const body = { uri: `sip:${to}@example.test`, displayName: to };
  const served = await client.request({ method: 'PUT', path: `/v1/contacts/${id}`, body });
  if (served?.status !== 200) return false;
  const { pool } = client.user;
  ledger.add({ id, table: 'contacts', pool, store: served.store, startMs, endMs: nowMs() });
  return true;
}

type Page = {
  readonly messages?: readonly { readonly id: string }[];
  readonly position?: string;
  readonly hasMore?: boolean;
  readonly where?: string;
  readonly error?: { readonly code?: string };
};

/** Reads on from where it stopped, and looks again from where it is told to (E13). */
function createMailbox(client: PoolClient) {
  let position: string | undefined;
  return {
    holds: async (id: string): Promise<boolean> => {
      let isThere = false;
      for (let page = 0; page < bounds.mailboxPagesMax && !isThere; page += 1) {
        const after = position === undefined ? '' : `&after=${encodeURIComponent(position)}`;
        const path = `/v1/messages?limit=200${after}`;
        const served = await client.request({ method: 'GET', path });
        if (served === undefined) return false;
        const read = parsed(served) as Page;
        if (served.status === 409 && read.error?.code === lookAgainCode) {
          position = read.where;
          continue;
        }
        if (served.status !== 200) return false;
        isThere = read.messages?.some((each) => each.id === id) ?? false;
        position = read.position ?? position;
        if (read.hasMore !== true) break;
      }
      return isThere;
    },
  };
}

function parsed({ text }: Served): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
