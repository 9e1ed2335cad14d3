import type { Fencing } from '../fencing/fencing.ts';
import type { DatasetName, PoolName, ServerName, SiteName, StoreName } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { ServerPorts } from './port-uses.ts';

/** What we want: the topology file, judged and with its defaults filled in. */
export type Topology = {
  readonly name: string;
  readonly domains: readonly string[];
  /** What phones are challenged for, in this order (RFC 8760). */
  readonly phoneDigests: readonly PhoneDigest[];
  /** The same over TLS, where phones know better; absent: as elsewhere. */
  readonly phoneDigestsOverTls?: readonly PhoneDigest[];
  readonly sites: readonly Site[];
  readonly servers: readonly Server[];
  readonly stores: readonly Store[];
  readonly pools: readonly Pool[];
  readonly datasets: readonly Dataset[];
  /** Who votes on mounts; absent where nobody does (V6). */
  readonly votes?: Votes;
  readonly limits: Limits;
};

export const phoneDigests = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type PhoneDigest = (typeof phoneDigests)[number];

/** MD5 alone: baresip 1.0 gives up when any other is offered beside it, in either order. */
export const phoneDigestsByDefault: readonly PhoneDigest[] = ['MD5'];

export type Site = {
  readonly name: SiteName;
  /** How others make sure that the site is off; absent where a person does. */
  readonly fencing?: Fencing;
};

/** One machine with one agent. Ports of 0 or absent are asked from the system once and stored. */
export type Server = {
  readonly name: ServerName;
  readonly site: SiteName;
  /** Host name or address that other servers and users reach it by. */
  readonly address: string;
  readonly ports: ServerPorts;
  /** Where phones may speak TLS: files in PEM, relative to the deployment folder. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Blocked: no copy on it is made active. What is active there stays so. */
  readonly activation?: Activation;
  /** How many datasets may be active on it at most; absent: any number. */
  readonly maxActive?: number;
};

/** May a copy be made active? `allowed` where nothing is said. */
export type Activation = 'allowed' | 'blocked';

/** One PostgreSQL instance. Its agent is the one of `server`. */
export type Store = {
  readonly name: StoreName;
  readonly server: ServerName;
  readonly kind: 'embedded' | 'url';
  /** Of kind `url`: a PostgreSQL URL of a user that may create databases and roles. */
  readonly url?: string;
  /** Of kind `embedded`: 0 asks the system. */
  readonly port: number;
};

export type Pool = {
  readonly name: PoolName;
  readonly servers: readonly ServerName[];
  /** How many users its servers can serve, its own and its partner's together. */
  readonly userCapacity: number;
  /** How many users call it home at most. */
  readonly users: number;
  /** Fixed at birth. */
  readonly routingGroups: number;
  readonly backupPool?: PoolName;
};

export type Votes = {
  /** `postgres`: the first store of each server votes, and a witness; `etcd`: a cluster of it. */
  readonly kind: 'postgres' | 'etcd';
  readonly witness?: Witness;
  /** Of kind `etcd`: URLs of the cluster's members. */
  readonly endpoints: readonly string[];
};

/** A third PostgreSQL, which holds no copy. Without a URL it is embedded. */
export type Witness = { readonly url?: string; readonly port: number };

export type LossLimit = 'lossless' | 'good' | 'best' | { readonly maxAgeMs: number };

export type WantedCopy = {
  readonly store: StoreName;
  /** 1 is liked best. */
  readonly preference: number;
  readonly activation?: Activation;
  /** Every acknowledged write has reached it, while it is in sync (V7). */
  readonly sync?: true;
};

export type Dataset = {
  readonly name: DatasetName;
  readonly kind: 'users';
  readonly pool: PoolName;
  readonly copies: readonly WantedCopy[];
  readonly lossLimit: LossLimit;
};
