import { randomInt } from 'node:crypto';
import dns from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type Clock, withTimeout } from '@understudy/ports';
import type { Answer } from 'dns-packet';
import { askNameServer, nameServerOf } from './ask-name-server.ts';
import {
  aliasesMax,
  canBeAsked,
  type DnsQuestion,
  type ReadAnswer,
  readAnswer,
  writeQuery,
} from './read-answer.ts';
import { type DnsAnswer, ResolveError, type Resolver } from './resolver.ts';

export type SystemResolverOptions = {
  /** `address` or `address:port`; left out, those of the system, asked for at every question. */
  readonly servers?: readonly string[];
  /** How long one name server has for one answer, over UDP and TCP together. */
  readonly timeoutMs?: number;
  /** How often each name server is asked. */
  readonly triesMax?: number;
  /** How long a question may take, aliases and all. */
  readonly questionMsMax?: number;
};

/** As many as the system's own resolver asks (resolv.conf(5), MAXNS). */
const serversMax = 3;
/** Questions under way at once; each has a socket. */
const questionsMax = 500;
/** The hosts file has no TTL; who changes it is followed soon. */
const hostsTtlMs = 30_000;
/** The system may ask its name servers once more before it says that there is none. */
const hostsMsMax = 10_000;
/** What the system calls a name, or addresses, that do not exist. */
const missing = new Set(['ENOTFOUND', 'ENODATA']);

type Found = DnsAnswer<Answer>;
type Ask = (question: DnsQuestion) => Promise<Found>;

/**
 * DNS with the TTLs that name servers give, and the system's hosts file for names that DNS does not
 * have (decisions/0038).
 */
export function createSystemResolver(clock: Clock, options: SystemResolverOptions = {}): Resolver {
  const ask = createAsk(clock, options);
  return {
    naptr: async (name) => {
      const { records, ttlMs } = await ask({ name, type: 'NAPTR' });
      return { ttlMs, records: records.flatMap(naptrOf) };
    },
    srv: async (name) => {
      const { records, ttlMs } = await ask({ name, type: 'SRV' });
      return { ttlMs, records: records.flatMap(srvOf) };
    },
    addresses: async (name) => {
      const both = await Promise.all([ask({ name, type: 'A' }), ask({ name, type: 'AAAA' })]);
      const found = both.filter(({ records }) => records.length > 0);
      if (found.length > 0) return addressesOf(found);
      const inHosts = await fromHosts(name, clock);
      return inHosts.records.length > 0 ? inHosts : addressesOf(both);
    },
  };
}

function createAsk(clock: Clock, options: SystemResolverOptions): Ask {
  const { questionMsMax = 10_000 } = options;
  let underWay = 0;
  return async (question) => {
    if (!canBeAsked(question.name)) throw noAnswer(question, 'DNS can have no such name');
    if (underWay >= questionsMax) throw noAnswer(question, `${underWay} questions are under way`);
    underWay += 1;
    try {
      const bound = { ms: questionMsMax, what: 'the question' };
      return await withTimeout(clock, bound, (signal) =>
        askThroughAliases(question, (each) => askInTurn(each, { clock, options, signal })),
      );
    } catch (cause) {
      if (cause instanceof ResolveError) throw cause;
      throw noAnswer(question, reasonOf(cause), cause);
    } finally {
      underWay -= 1;
    }
  };
}

/** A name server that is no resolver may name an alias and leave the rest to who asks. */
async function askThroughAliases(
  question: DnsQuestion,
  ask: (question: DnsQuestion) => Promise<ReadAnswer>,
): Promise<Found> {
  let { name } = question;
  let ttlMs = Number.POSITIVE_INFINITY;
  for (let step = 0; step < aliasesMax; step += 1) {
    const answer = await ask({ ...question, name });
    if (answer.kind === 'failed') throw noAnswer(question, answer.why);
    ttlMs = Math.min(ttlMs, answer.ttlMs);
    if (answer.kind === 'known') return { records: answer.records, ttlMs };
    name = answer.name;
  }
  throw noAnswer(question, `it stands for more than ${aliasesMax} other names in turn`);
}

type AskTools = {
  readonly clock: Clock;
  readonly options: SystemResolverOptions;
  readonly signal: AbortSignal;
};

/** Every name server in turn, and again; the answer of the first that has one. */
async function askInTurn(question: DnsQuestion, tools: AskTools): Promise<ReadAnswer> {
  // `setServers` puts another `getServers` into the module, which an import by name would not see.
  const { servers = dns.getServers(), triesMax = 2 } = tools.options;
  const inTurn = servers.slice(0, serversMax);
  let why = 'there are no name servers';
  for (let asked = 0; asked < inTurn.length * triesMax; asked += 1) {
    if (tools.signal.aborted) break;
    const server = inTurn[asked % inTurn.length] ?? '';
    const answer = await askOne(question, server, tools);
    if (answer.kind !== 'failed') return answer;
    why = `${server}: ${answer.why}`;
  }
  return { kind: 'failed', why };
}

async function askOne(
  question: DnsQuestion,
  server: string,
  { clock, options: { timeoutMs = 2_000 }, signal: ended }: AskTools,
): Promise<ReadAnswer> {
  try {
    const query = writeQuery(randomInt(0x1_0000), question);
    const bound = { ms: timeoutMs, what: 'its answer' };
    const bytes = await withTimeout(clock, bound, (signal) =>
      askNameServer(query, nameServerOf(server), AbortSignal.any([signal, ended])),
    );
    return readAnswer(bytes, question);
  } catch (error) {
    return { kind: 'failed', why: reasonOf(error) };
  }
}

function naptrOf(record: Answer) {
  if (record.type !== 'NAPTR') return [];
  const { order, preference, flags, services: service, replacement } = record.data;
  return [{ order, preference, flags, service, replacement }];
}

function srvOf(record: Answer) {
  if (record.type !== 'SRV') return [];
  const { priority = 0, weight = 0, port, target } = record.data;
  return [{ priority, weight, port, target }];
}

function addressesOf(answers: readonly Found[]): DnsAnswer<string> {
  const records = answers.flatMap((answer) => answer.records);
  return {
    records: records.flatMap((each) =>
      each.type === 'A' || each.type === 'AAAA' ? [each.data] : [],
    ),
    ttlMs: Math.min(...answers.map(({ ttlMs }) => ttlMs)),
  };
}

async function fromHosts(name: string, clock: Clock): Promise<DnsAnswer<string>> {
  try {
    const bound = { ms: hostsMsMax, what: 'looking in the hosts file' };
    const found = await withTimeout(clock, bound, () => lookup(name, { all: true }));
    return { records: found.map(({ address }) => address), ttlMs: hostsTtlMs };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (missing.has(code)) return { records: [], ttlMs: hostsTtlMs };
    throw noAnswer({ name, type: 'A' }, code || reasonOf(cause), cause);
  }
}

function noAnswer({ name, type }: DnsQuestion, why: string, cause?: unknown): ResolveError {
  const said = `dns: no answer for ${type} of ${name}: ${why}; look at the name servers`;
  return new ResolveError(said, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
