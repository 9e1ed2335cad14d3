import type { MessageLedger } from '../check/message-ledger.ts';
import type { WriteLedger } from '../check/write-ledger.ts';
import { nowMs } from '../measure/instant.ts';
import type { ProbeKind, ProbeLog } from '../measure/probe-log.ts';
import type { DrillUser } from './drill-user.ts';
import { newId } from './new-id.ts';
import type { PoolClient, Served } from './pool-client.ts';

/** Where clients keep what they met. */
export type Records = { readonly probes: ProbeLog; readonly ledger: WriteLedger };
export type PhoneRecords = Records & { readonly messages: MessageLedger };

/** A client's next try; resolves with whether it succeeded. */
export type Try = () => Promise<boolean>;

/** The same tries, timed. */
export function measured(
  { probes }: Records,
  { kind, user }: { readonly kind: ProbeKind; readonly user: DrillUser },
  act: Try,
): Try {
  const probe = probes.join({ kind, pool: user.pool, user: user.name });
  return async () => {
    const startMs = nowMs();
    const isGood = await act();
    probe.add({ startMs, endMs: nowMs(), isGood });
    return isGood;
  };
}

/** Writes one note after the other; each is repeated under its id until it is acknowledged. */
export function createWriter(client: PoolClient, records: Records): Try {
  const { user } = client;
  const by = newId();
  let id = newId();
  return measured(records, { kind: 'write', user }, async () => {
    const isAcknowledged = await sendNote(client, records, { id, to: user.name, by });
    if (isAcknowledged) id = newId();
    return isAcknowledged;
  });
}

/** What users do all day: notes to others, and now and then a new contact. */
export function createOrdinaryUser(
  client: PoolClient,
  records: Records,
  recipients: readonly string[],
): Try {
  const by = newId();
  let count = 0;
  let id = newId();
  return async () => {
    const to = recipients[count % recipients.length] ?? client.user.name;
    const isContact = count % 5 === 4;
    const isAcknowledged = isContact
      ? await putContact(client, records, { id, to, by })
      : await sendNote(client, records, { id, to, by });
    if (!isAcknowledged) return false;
    id = newId();
    count += 1;
    return true;
  };
}

type Note = {
  readonly id: string;
  readonly to: string;
  /** Which client: a user may have several. */
  readonly by: string;
};

/** In limited mode: durable at the backup pool, and done later. */
const queuedStatus = 202;

async function sendNote(client: PoolClient, { ledger }: Records, { id, to, by }: Note) {
  const startMs = nowMs();
  const body = { id, to, body: `note ${id.slice(-8)}` };
  const served = await client.request({ method: 'POST', path: '/v1/messages', body });
  if (served === undefined || ![201, queuedStatus].includes(served.status)) return false;
  const { stores, status } = served;
  const { pool } = client.user;
  const write = { id, table: 'messages', pool, stores, startMs, endMs: nowMs() } as const;
  if (status === queuedStatus) {
    ledger.add({ ...write, isQueued: true, client: `${by} to ${to}` });
    return true;
  }
  const { position } = parsed(served) as { position?: string };
  ledger.add({ ...write, generation: Number(position?.split(':')[0]) });
  return true;
}

async function putContact(client: PoolClient, { ledger }: Records, { id, to }: Note) {
  const startMs = nowMs();
  const body = { uri: `sip:${to}@example.test`, displayName: to };
  const served = await client.request({ method: 'PUT', path: `/v1/contacts/${id}`, body });
  if (served === undefined || ![200, queuedStatus].includes(served.status)) return false;
  const { stores, status } = served;
  const { pool } = client.user;
  const isQueued = status === queuedStatus;
  ledger.add({ id, table: 'contacts', pool, stores, isQueued, startMs, endMs: nowMs() });
  return true;
}

function parsed({ text }: Served): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
