import {
  type DatasetId,
  isSameMembership,
  isSameRecord,
  type Membership,
  membershipOf,
  type VoteRecord,
  type VoterName,
  type VoteWrite,
} from '@understudy/core';
import {
  type MembershipChanged,
  StoreDownError,
  type Voted,
  type VoterLook,
  type VoteStore,
} from '@understudy/ports';
import {
  askGateway,
  decode,
  encode,
  type GatewayOptions,
  type KeyValue,
  type RangeAnswer,
  type TxnAnswer,
} from './gateway.ts';

export type EtcdVoteStoreOptions = {
  readonly voter: VoterName;
  /** URLs of the cluster's members, with user and password where it asks for them. Secret then. */
  readonly endpoints: readonly string[];
  /** Whose votes: several groups may share one cluster. */
  readonly group: string;
  readonly answerMs: number;
};

/** How often a write is tried again because the membership changed beside it. */
const besidesMax = 5;

/** A voter kept in etcd, over its HTTP gateway. Reads are linearizable, etcd's default. */
export function createEtcdVoteStore(options: EtcdVoteStoreOptions): VoteStore {
  const keys = keysOf(options.group);
  const etcd: Etcd = { ...options, keys, tokens: new Map() };
  return {
    voter: options.voter,
    read: async (dataset) => recordOf(await range(etcd, keys.record(dataset))),
    compareAndSet: (write) => compareAndSet(etcd, write),
    look: () => lookAtSelf(etcd),
    changeMembership: (next) => changeMembership(etcd, next),
  };
}

type Keys = { readonly membership: string; readonly record: (dataset: DatasetId) => string };
type Etcd = GatewayOptions & { readonly keys: Keys };

function keysOf(group: string): Keys {
  const prefix = `/understudy/${group}`;
  return {
    membership: encode(`${prefix}/membership`),
    record: (dataset) => encode(`${prefix}/record/${dataset}`),
  };
}

/** A cluster has an id of its own that every answer carries. */
async function lookAtSelf(etcd: Etcd): Promise<VoterLook> {
  const key = etcd.keys.membership;
  const { header, kvs } = await askGateway<RangeAnswer>(etcd, '/v3/kv/range', { key });
  const membership = membershipIn(kvs?.[0]);
  return { identity: header.cluster_id, ...(membership === undefined ? {} : { membership }) };
}

async function range(etcd: Etcd, key: string): Promise<KeyValue | undefined> {
  return (await askGateway<RangeAnswer>(etcd, '/v3/kv/range', { key })).kvs?.[0];
}

function recordOf(found: KeyValue | undefined): VoteRecord | undefined {
  return found === undefined ? undefined : (JSON.parse(decode(found.value)) as VoteRecord);
}

function membershipIn(found: KeyValue | undefined): Membership | undefined {
  return found === undefined ? undefined : (JSON.parse(decode(found.value)) as Membership);
}

async function compareAndSet(
  etcd: Etcd,
  { expected, next }: Omit<VoteWrite, 'voter'>,
): Promise<Voted> {
  const key = etcd.keys.record(next.dataset);
  const seen = await looked(etcd, key);
  for (let tries = 0; tries < besidesMax; tries++) {
    const { record, membership } = seen.now;
    const current = recordOf(record);
    if (isSameRecord(current, next)) return { isDone: true, isRepeated: true, current };
    const newest = membershipIn(membership)?.generation ?? 0;
    const isOutdated = membershipOf(next.generation) < newest;
    if (isOutdated || !isSameRecord(current, expected)) return { isDone: false, current };
    // V4: neither the record nor the membership has changed since it was judged.
    const compare = [unchanged(key, record), unchanged(etcd.keys.membership, membership)];
    if (await seen.put(compare, JSON.stringify(next))) return { isDone: true, current: next };
  }
  throw new StoreDownError(`voter ${etcd.voter}: its membership changes all the time`);
}

async function changeMembership(etcd: Etcd, next: Membership): Promise<MembershipChanged> {
  const key = etcd.keys.membership;
  const text = JSON.stringify(next);
  const seen = await looked(etcd, key);
  for (let tries = 0; tries < besidesMax; tries++) {
    const { record: found } = seen.now;
    const current = membershipIn(found);
    if (current !== undefined && current.generation >= next.generation) {
      return { isDone: isSameMembership(current, next), current };
    }
    if (await seen.put([unchanged(key, found)], text)) return { isDone: true, current: next };
  }
  throw new StoreDownError(`voter ${etcd.voter}: its membership changes all the time`);
}

type Seen = {
  readonly now: {
    readonly record: KeyValue | undefined;
    readonly membership: KeyValue | undefined;
  };
  /** True when it was put; else `now` has been looked at again in the same instant. */
  put(compare: readonly unknown[], value: string): Promise<boolean>;
};

async function looked(etcd: Etcd, key: string): Promise<Seen> {
  const looks = [key, etcd.keys.membership].map((each) => ({ request_range: { key: each } }));
  const ask = async (request: object): Promise<TxnAnswer> =>
    await askGateway<TxnAnswer>(etcd, '/v3/kv/txn', { ...request, failure: looks });
  const seenIn = ({ responses = [] }: TxnAnswer): Seen['now'] => ({
    record: responses[0]?.response_range?.kvs?.[0],
    membership: responses[1]?.response_range?.kvs?.[0],
  });
  let now = seenIn(await ask({ success: looks }));
  return {
    get now() {
      return now;
    },
    async put(compare, value) {
      const put = { request_put: { key, value: encode(value) } };
      const answer = await ask({ compare, success: [put] });
      if (answer.succeeded === true) return true;
      now = seenIn(answer);
      return false;
    },
  };
}

/** A key that is not there has the revision 0. */
function unchanged(key: string, found: KeyValue | undefined) {
  const mod_revision = found?.mod_revision ?? '0';
  return { key, target: 'MOD', result: 'EQUAL', mod_revision };
}
