import dnsPacket, { type Answer, type RecordType } from 'dns-packet';

export type DnsQuestion = { readonly name: string; readonly type: RecordType };

/** What a name server's answer says about a question. */
export type ReadAnswer =
  /** The records, or none: then there are none, for as long as `ttlMs`. */
  | { readonly kind: 'known'; readonly records: readonly Answer[]; readonly ttlMs: number }
  /** The name stands for another one, about which this answer says nothing. */
  | { readonly kind: 'alias'; readonly name: string; readonly ttlMs: number }
  /** The server could not or would not say; another one may. */
  | { readonly kind: 'failed'; readonly why: string };

/** Names that one answer leads through; a longer chain is a circle, or a mistake. */
export const aliasesMax = 8;

const headerBytes = 12;
const isResponse = 0x80;
const opcodeMask = 0x78;
const isTruncatedBit = 0x02;
const codeMask = 0x0f;
const noSuchName = 3;
/** RFC 2181, section 8: a TTL with the highest bit set counts as 0. */
const ttlMax = 0x7fff_ffff;

/** A question as it goes to a name server, with recursion desired. */
export function writeQuery(id: number, { name, type }: DnsQuestion): Buffer {
  const flags = dnsPacket.RECURSION_DESIRED;
  return dnsPacket.encode({ type: 'query', id, flags, questions: [{ type, name }] });
}

/** Whether DNS can carry a name (RFC 1035, section 2.3.4); what cannot is never written. */
export function canBeAsked(name: string): boolean {
  const labels = plain(name).split('.');
  const bytes = labels.map((label) => Buffer.byteLength(label));
  return Buffer.byteLength(name) <= 253 && bytes.every((size) => size > 0 && size <= 63);
}

/**
 * Whether bytes are the answer to a query: its id, and its question letter by letter (case apart).
 * No more of them is read, since an answer that is cut off may end anywhere.
 */
export function isAnswerTo(query: Buffer, bytes: Buffer): boolean {
  if (bytes.length < query.length || bytes.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if ((bytes.readUInt8(2) & (isResponse | opcodeMask)) !== isResponse) return false;
  if (bytes.readUInt16BE(4) !== 1) return false;
  return questionOf(bytes, query.length) === questionOf(query, query.length);
}

/** Whether an answer did not fit, so that it has to be asked for over TCP. */
export function isTruncated(bytes: Buffer): boolean {
  return (bytes.readUInt8(2) & isTruncatedBit) !== 0;
}

/** Reads an answer that `isAnswerTo` has let through; throws where the bytes are no message. */
export function readAnswer(bytes: Buffer, question: DnsQuestion): ReadAnswer {
  const code = bytes.readUInt8(3) & codeMask;
  if (code !== 0 && code !== noSuchName) return { kind: 'failed', why: `it answered code ${code}` };
  const { answers = [], authorities = [] } = dnsPacket.decode(bytes);
  const { owner, ttl, records } = follow(answers, question);
  if (records.length > 0) return { kind: 'known', records, ttlMs: leastOf(records, ttl) * 1000 };
  const soa = authorities.find((each) => each.type === 'SOA');
  if (code === 0 && soa === undefined && owner !== plain(question.name)) {
    return { kind: 'alias', name: owner, ttlMs: ttl * 1000 };
  }
  // RFC 2308, section 5: without an SOA record nobody said how long there will be none.
  const minimum = soa?.type === 'SOA' ? Math.min(ttlOf(soa), soa.data.minimum ?? 0) : 0;
  return { kind: 'known', records: [], ttlMs: Math.min(ttl, minimum) * 1000 };
}

/** From the name of the question by CNAME records to the records, with the least TTL of the way. */
function follow(answers: readonly Answer[], { name, type }: DnsQuestion) {
  let owner = plain(name);
  let ttl = ttlMax;
  for (let step = 0; step < aliasesMax; step += 1) {
    const here = answers.filter((each) => plain(each.name) === owner && isInternet(each));
    const records = here.filter((each) => each.type === type);
    const alias = here.find((each) => each.type === 'CNAME');
    if (records.length > 0 || alias?.type !== 'CNAME') return { owner, ttl, records };
    ttl = Math.min(ttl, ttlOf(alias));
    owner = plain(alias.data);
  }
  return { owner, ttl, records: [] };
}

function leastOf(records: readonly Answer[], ttl: number): number {
  return records.reduce((least, each) => Math.min(least, ttlOf(each)), ttl);
}

function ttlOf(record: Answer): number {
  const ttl = 'ttl' in record ? (record.ttl ?? 0) : 0;
  return ttl > ttlMax ? 0 : ttl;
}

function isInternet(record: Answer): boolean {
  return 'class' in record && record.class === 'IN';
}

function plain(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

function questionOf(bytes: Buffer, end: number): string {
  return bytes.toString('latin1', headerBytes, end).toLowerCase();
}
