import { connect } from 'node:net';
import type { RolePool } from '@understudy/core';

// Nobody is sent to a home that has just died: the agent says so a second later, and a phone that
// was sent there does not come again for a minute (decisions/0037).

/** Longest look; a home that is slow is no dead one. */
const lookMsMax = 300;
/** So long one look counts for everyone. */
const keptMs = 250;

export type RefusingHomes = {
  /** Whether a pool's home refuses connections, on every server of it. */
  isRefusing(pool: RolePool | undefined): Promise<boolean>;
};

export function createRefusingHomes(bootMs: () => number): RefusingHomes {
  const looks = new Map<string, { readonly atMs: number; readonly isRefusing: Promise<boolean> }>();
  return {
    isRefusing: async (pool) => {
      const { sip, state } = pool ?? {};
      if (pool === undefined || sip?.side !== 'backup' || state !== 'active') return false;
      const known = looks.get(pool.pool);
      if (known !== undefined && bootMs() - known.atMs < keptMs) return await known.isRefusing;
      const isRefusing = areRefusing(sip.home.map(({ plain }) => plain));
      looks.set(pool.pool, { atMs: bootMs(), isRefusing });
      return await isRefusing;
    },
  };
}

async function areRefusing(places: readonly string[]): Promise<boolean> {
  const refusing = await Promise.all(places.map(isRefusing));
  return places.length > 0 && !refusing.includes(false);
}

/** Silence says nothing: only a machine that lives refuses, and its registrar does not. */
function isRefusing(place: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${place}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const end = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(lookMsMax, () => end(false));
    socket.once('connect', () => end(false));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED'));
  });
}
