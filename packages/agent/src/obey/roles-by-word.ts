import { counted } from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { refuse } from './refuse.ts';
import { startRoles } from './start-roles.ts';

/** What operators ask of the roles of this server; each resolves with the one sentence. */
export type RolesByWord = {
  start(): Promise<string>;
  /** Keeps them stopped until somebody starts them; replication and the agent go on. */
  stop(request: { readonly why: string; readonly isServingFine: boolean }): Promise<string>;
};

export function createRolesByWord(hands: Hands): RolesByWord {
  return {
    async start() {
      await startRoles(hands);
      return `the registrar of ${hands.parts.server} runs`;
    },
    async stop({ why, isServingFine }) {
      const { server, supervisor } = hands.parts;
      if (!isServingFine) await refuseServing(hands);
      await supervisor.stopRoles(why);
      return `the registrar of ${server} is stopped (${why}); replication goes on`;
    },
  };
}

/** Roles that do not answer serve nobody. */
async function refuseServing({ parts: { roles, server } }: Hands): Promise<void> {
  const report = await roles.report().catch(() => undefined);
  const served = (report?.pools ?? []).filter(({ isServing }) => isServing);
  if (served.length === 0) return;
  const pools = served.map(({ pool }) => pool).join(', ');
  const what = `${server} serves the users of ${counted(served.length, 'pool')} (${pools})`;
  refuse('servesUsers', `${what}; fail over first, or say --even-serving`);
}
