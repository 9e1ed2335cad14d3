import type { PoolName, RoleReport, ServerName } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { LocalLook } from '../observe/look-here.ts';

/** Servers that hold something for a pool, as they last said. */
export function noteQueued(
  { server }: AgentParts,
  memory: AgentMemory,
  { roles }: Pick<LocalLook, 'roles'>,
): void {
  const seen: (readonly [ServerName, readonly RoleReport[]])[] = [[server, roles]];
  for (const [name, view] of memory.partners) {
    if (!view.isSilent) seen.push([name, view.report.roles]);
  }
  memory.queuedAt.clear();
  for (const [name, reports] of seen) {
    for (const { pool, changes, phones } of reports.flatMap(({ queued }) => queued ?? [])) {
      if (changes + phones === 0) continue;
      const known = memory.queuedAt.get(pool) ?? { servers: [], hasChanges: false };
      const hasChanges = known.hasChanges || changes > 0;
      memory.queuedAt.set(pool, { servers: [...known.servers, name], hasChanges });
    }
  }
}

/** Whether lasting changes of a pool that is mounted here have to wait, for a bound at most. */
export function isMerging({ clock, topology }: AgentParts, memory: AgentMemory, pool: PoolName) {
  if (memory.queuedAt.get(pool)?.hasChanges !== true) return false;
  const nowMs = clock.bootMs();
  return nowMs - (memory.mergingSinceMs.get(pool) ?? nowMs) < topology.limits.mergeWaitMs;
}
