import type { RoleAssignment, RoleReport, RoutingGroupName } from '@understudy/core';
import type { ProcessSupervisor } from '../process-supervisor.ts';
import type { RoleControl } from '../role-control.ts';

export type FakeRoles = { readonly roles: RoleControl; readonly supervisor: ProcessSupervisor };

/** Roles that do as they are told and serve nobody; `told` gets every picture. */
export function fakeRoles(told: RoleAssignment[] = []): FakeRoles {
  let groups: readonly RoutingGroupName[] = [];
  let stopped: string | undefined;
  let isUp = true;
  const answering = (): void => {
    if (!isUp) throw new Error('the roles do not run');
  };
  const report = async (): Promise<RoleReport> => ({
    role: 'registrar',
    isUp: true,
    pools: (told.at(-1)?.pools ?? []).map(({ pool, isServing }) => {
      const limited = told.at(-1)?.limited?.find((each) => each.pool === pool);
      return {
        pool,
        isServing,
        groups: groups.filter((group) => group.startsWith(pool)),
        ...(limited !== undefined && { limitedSinceMs: limited.sinceMs }),
      };
    }),
  });
  return {
    roles: {
      report: async () => {
        answering();
        return await report();
      },
      async assign(assignment) {
        answering();
        told.push(assignment);
        if (assignment.mounts.length === 0) groups = [];
        return await report();
      },
      async hydrate(asked) {
        groups = [...new Set([...groups, ...asked.groups])];
        return asked.groups.map((group) => ({ group, users: 0 }));
      },
      readQueue: async () => ({ changes: [], bindings: [] }),
      applyQueued: async () => ({ changes: [], bindings: [] }),
      clearQueue: nothing,
      prepare: nothing,
      reset: nothing,
    },
    supervisor: {
      startRoles: async () => {
        isUp ||= stopped === undefined;
      },
      stopRoles: async (why) => {
        [stopped, isUp] = [why, false];
      },
      allowRoles: async () => {
        stopped = undefined;
      },
      observeRoles: async () => [
        { role: 'registrar', isUp, ...(stopped !== undefined && { stopped }) },
      ],
    },
  };
}

const nothing = async (): Promise<void> => {};
