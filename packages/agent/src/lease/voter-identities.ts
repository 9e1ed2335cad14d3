import type { ServerName, VoterName, VoterReport } from '@understudy/core';

// A majority means something only where every voter is one store, the same for all servers.
//
// N1. A store that votes under two names has one vote: that of the name that is first in order.
// N2. A voter that another server's agent knows as another store has no vote here, and by the same
//     rule none there, until both ask one. What an agent said last holds while it is silent.

const shownMax = 8;

/** Which store each voter is, as this agent and the others have seen it. */
export class VoterIdentities {
  readonly #seen = new Map<VoterName, string>();
  readonly #told = new Map<ServerName, Map<VoterName, string>>();

  note(voter: VoterName, identity: string): void {
    this.#seen.set(voter, identity);
  }

  hear(server: ServerName, reports: readonly VoterReport[]): void {
    const told = this.#told.get(server) ?? new Map<VoterName, string>();
    for (const { voter, identity } of reports) {
      if (identity !== undefined) told.set(voter, identity);
    }
    this.#told.set(server, told);
  }

  of(voter: VoterName): string | undefined {
    return this.#seen.get(voter);
  }

  /** Why what this voter answers counts for nothing; undefined where it counts. */
  findDoubt(voter: VoterName): string | undefined {
    const own = this.of(voter);
    if (own === undefined) return undefined;
    const twin = [...this.#seen].find(([name, identity]) => name < voter && identity === own)?.[0];
    if (twin !== undefined) {
      return `it is the same store as ${twin}, which votes already: give it one of its own`;
    }
    for (const [server, told] of this.#told) {
      const other = told.get(voter);
      if (other === undefined || other === own) continue;
      return (
        `${server} asks another store by that name (${shown(other)}, here ${shown(own)}), so it ` +
        'has no vote: give both the same; an embedded witness is that of its folder, and servers ' +
        'of one machine share a folder'
      );
    }
    return undefined;
  }
}

function shown(identity: string): string {
  return identity.slice(0, shownMax);
}
