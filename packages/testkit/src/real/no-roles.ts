import type { RoleAssignment, RoleReport, RoutingGroupName } from '@understudy/core';
import type { ProcessSupervisor, RoleControl } from '@understudy/ports';

/** Roles that do as they are told and serve nobody: the tests write by themselves. */
export function noRoles(): {
  readonly roles: RoleControl;
  readonly supervisor: ProcessSupervisor;
} {
  let told: RoleAssignment | undefined;
  let groups: readonly RoutingGroupName[] = [];
  const report = async (): Promise<RoleReport> => ({
    role: 'registrar',
    isUp: true,
    pools: (told?.pools ?? []).map(({ pool, isServing }) => ({
      pool,
      isServing,
      groups: groups.filter((group) => group.startsWith(pool)),
    })),
  });
  const nothing = async (): Promise<void> => {};
  return {
    roles: {
      report,
      async assign(assignment) {
        told = assignment;
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
