import type { DatasetName } from '@understudy/core';
import { type FakeStore, newDisk, SeededChance } from '@understudy/ports/fake';
import type { SimSite } from '../sim-site.ts';
import type { SimWorld } from '../sim-world.ts';

const lostShare = 0.5;

/**
 * Sites that are lost with their disk: they stay off until all is mended, and come back with an
 * empty PostgreSQL. What stood on no other disk is gone, acknowledged or not; all that another copy
 * has is merged or listed (A4).
 *
 * L1. Where somebody votes no disk is lost: V2 wants a majority that remembers, and a voter with a
 *     new disk does not. Voters that are left have to answer meanwhile, which histories deny them.
 * L2. All other copies follow the one that is lost, so that another can take over.
 * L3. What was decided stands on another disk too: a generation would be taken a second time.
 */
export class LostDisks {
  readonly #world: SimWorld;
  readonly #dataset: DatasetName;
  readonly #chance: SeededChance;

  constructor(world: SimWorld, dataset: DatasetName, seed: number) {
    this.#world = world;
    this.#dataset = dataset;
    this.#chance = new SeededChance(seed ^ 0xd15c);
  }

  /** `site`, which served, has just died. */
  mayLose(site: SimSite): void {
    const isLost = this.#chance.fraction() < lostShare;
    const { store, server } = site;
    const others = [...this.#world.stores.values()].filter((each) => each !== store);
    if (!isLost || this.#world.isVoted) return;
    if (!this.#areFollowing(others, store) || !isDecidedElsewhere(store, others)) return;
    this.#world.history.note(server, '! its disk is lost');
    site.turnOff();
    this.#world.gone.lost(this.#dataset, store, others);
    store.replaceDisk(newDisk(store));
  }

  #areFollowing(others: readonly FakeStore[], { copies }: FakeStore): boolean {
    const lost = copies.get(this.#dataset);
    return others.every((other) => {
      const following = other.copies.get(this.#dataset)?.subscription;
      return following?.isCopied === true && following.of === lost;
    });
  }
}

function isDecidedElsewhere({ control }: FakeStore, others: readonly FakeStore[]): boolean {
  return [...control.decisions].every(([subject, { generation }]) =>
    others.some((other) => {
      const known = other.control.decisions.get(subject);
      return known !== undefined && known.generation >= generation;
    }),
  );
}
