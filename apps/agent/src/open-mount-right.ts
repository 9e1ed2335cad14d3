import {
  createLeaseRight,
  createPartnerVoter,
  createStandInMountRight,
  openSealedWitness,
  sealWitness,
} from '@understudy/agent';
import type { OwnStore } from '@understudy/agent';
import { byDetour, type OpenServer } from '@understudy/api';
import {
  type AlternateWitness,
  clusterName,
  membershipAtBirth,
  type Votes,
  witnessName,
} from '@understudy/core';
import { createEtcdVoteStore } from '@understudy/etcd';
import type { AgentClient, Chance, Clock, MountRight, VoteStore } from '@understudy/ports';
import {
  createEmbeddedVoteStore,
  createPostgresVoteStore,
  type PostgresVoteStore,
  storeOwner,
} from '@understudy/postgres';

/** A voter that has not answered after this part of the lease time will not count. */
export const votesPerLease = 6;

export type OpenMountRight = AsyncDisposable & { readonly mountRight: MountRight };

export type MountRightParts = {
  readonly config: OpenServer;
  readonly stores: readonly OwnStore[];
  readonly partners: readonly AgentClient[];
  readonly clock: Clock;
  readonly chance: Chance;
};

/** The right to mount as the topology wants it: of voters, or of this agent alone (V6). */
export function openMountRight(parts: MountRightParts): OpenMountRight {
  const { config, clock, chance } = parts;
  const { votes, limits } = config.topology;
  const { leaseMs } = limits;
  const membership = membershipAtBirth(config.topology);
  if (votes === undefined || membership === undefined) {
    const mountRight = createStandInMountRight(leaseMs);
    return { mountRight, [Symbol.asyncDispose]: async () => {} };
  }
  const witness = votes.kind === 'etcd' ? undefined : openWitness(config, votes);
  const alternates: PostgresVoteStore[] = [];
  const voters = votes.kind === 'etcd' ? [openEtcd(config, votes)] : openMembers(parts);
  return {
    mountRight: createLeaseRight({
      voters: witness === undefined ? voters : [...voters, witness],
      membership,
      ...(votes.kind === 'postgres' && { witnesses: witnessesOf(config, alternates) }),
      leaseMs,
      clock,
      chance,
    }),
    [Symbol.asyncDispose]: async () => {
      for (const each of [witness, ...alternates]) await each?.[Symbol.asyncDispose]();
    },
  };
}

function openEtcd(config: OpenServer, { endpoints }: Votes): VoteStore {
  return createEtcdVoteStore({ voter: clusterName, endpoints, ...votingOf(config) });
}

/** The first store of each server, in the order of the topology. */
function openMembers({ config, stores, partners }: MountRightParts): readonly VoteStore[] {
  return config.topology.servers.flatMap(({ name }) => {
    if (name === config.server.name) return stores[0]?.votes ?? [];
    const partner = partners.find(({ server }) => server === name);
    return partner === undefined ? [] : [createPartnerVoter(partner)];
  });
}

/** It votes while the started members are even in number. */
function openWitness(config: OpenServer, { witness }: Votes): PostgresVoteStore | undefined {
  const { deployment, detours } = config;
  if (witness === undefined) return undefined;
  const options = { voter: witnessName, ...votingOf(config) };
  if (witness.url !== undefined) {
    const url = byDetour(witness.url, detours.witness);
    return createPostgresVoteStore({ ...options, url });
  }
  return createEmbeddedVoteStore({
    ...options,
    dataDir: deployment.witnessFolder,
    port: detours.witness,
  });
}

/** Witnesses that operators name by URL; what is opened is closed with the mount right. */
function witnessesOf(config: OpenServer, opened: PostgresVoteStore[]) {
  const { secret } = config;
  return {
    name: (url: string) => sealWitness(secret, url),
    open: (witness: AlternateWitness): VoteStore => {
      const url = openSealedWitness(secret, witness);
      const votes = createPostgresVoteStore({ voter: witness.voter, url, ...votingOf(config) });
      opened.push(votes);
      return votes;
    },
  };
}

/** What all voters of this deployment are told. */
export function votingOf({ secret, topology, deployment }: OpenServer) {
  const { dataDir } = deployment;
  const { deployment: group } = storeOwner({ secret, name: topology.name, dataDir });
  return { group, answerMs: topology.limits.leaseMs / votesPerLease };
}
