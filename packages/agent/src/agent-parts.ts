import type { DiskRoom, ServerName, Topology } from '@understudy/core';
import type {
  AgentClient,
  Chance,
  Clock,
  CommandRunner,
  ControlStore,
  DatasetEngine,
  Log,
  MountRight,
  ProcessSupervisor,
  RoleControl,
  VoteStore,
} from '@understudy/ports';
import type { AnyRunbook } from '@understudy/runbook-engine';

/** One store of this server: its engine and its control database. */
export type OwnStore = {
  readonly engine: DatasetEngine;
  readonly control: ControlStore;
  /** Absent for a store whose disk is not of this server. */
  /** Its voter, where members' stores vote and this is the first store of its server. */
  readonly votes?: VoteStore;
  readonly room?: () => Promise<DiskRoom>;
};

/**
 * All that an agent is made of. It keeps no module state, so a simulation runs many in one
 * process, each with fakes, under one turned clock.
 */
export type AgentParts = {
  readonly server: ServerName;
  readonly version: string;
  readonly topology: Topology;
  /** Hash of the topology file as this agent read it (decisions/0006). */
  readonly topologyHash: string;
  /** The stores of this server, those of the topology; decisions are kept in each. */
  readonly stores: readonly OwnStore[];
  /** One client for each other server. */
  readonly partners: readonly AgentClient[];
  readonly roles: RoleControl;
  readonly supervisor: ProcessSupervisor;
  readonly mountRight: MountRight;
  /** Runs fencing commands on this machine. */
  readonly commands: CommandRunner;
  /** The catalogue; the app hands it in, for the agent imports no runbook. */
  readonly runbooks: readonly AnyRunbook[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
};
