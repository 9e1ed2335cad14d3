import type { RoleAssignment, RoleReport, RoutingGroupName } from '@understudy/core';
import type { ProcessSupervisor } from '../process-supervisor.ts';
import type { RoleControl } from '../role-control.ts';

export type FakeRoles = { readonly roles: RoleControl; readonly supervisor: ProcessSupervisor };

/** Roles that do as they are told and serve nobody; `told` gets every picture. */
export function fakeRoles(told: RoleAssignment[] = []): FakeRoles {
  let groups: readonly RoutingGroupName[] = [];
  const report = async (): Promise<RoleReport> => ({
    role: 'registrar',
    isUp: true,
    pools: (told.at(-1)?.pools ?? []).map(({ pool, isServing }) => ({
      pool,
      isServing,
      groups: groups.filter((group) => group.startsWith(pool)),
    })),
  });
  return {
    roles: {
      report,
      async assign(assignment) {
        told.push(assignment);
        if (assignment.mounts.length === 0) groups = [];
        return await report();
      },
      async hydrate(asked) {
        groups = [...new Set([...groups, ...asked.groups])];
        return asked.groups.map((group) => ({ group, users: 0 }));
      },
      prepare: nothing,
      reset: nothing,
    },
    supervisor: { startRoles: nothing, stopRoles: nothing, observeRoles: async () => [] },
  };
}

const nothing = async (): Promise<void> => {};
