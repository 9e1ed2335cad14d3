import type { DatasetName, Order, OrderReport } from '@understudy/core';
import { EngineRefusedError, OrderFailedError, OrderRefusedError } from '@understudy/ports';
import { obeyFenceSite } from '../fencing/obey-fence-site.ts';
import type { Hands } from '../mount/open-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { checkAttempt } from './attempts.ts';
import {
  obeyDetach,
  obeyDismount,
  obeyFollow,
  obeyPrepareWayBack,
  obeySeed,
  obeySetAside,
  obeyVerify,
} from './obey-copy.ts';
import { obeyHydrate, obeyRoles, obeySetPoolState } from './obey-pool.ts';
import { obeyDropSetAside, obeySalvage } from './obey-salvage.ts';
import { obeyAbortSwitch, obeyAwaitMarker, obeyFence, obeyMount } from './obey-switch.ts';
import { QueueFullError } from './order-queue.ts';
import { RefusedHere } from './refuse.ts';

/** Carries an order out, one at a time on each dataset. Throws the errors of AgentClient. */
export type Obey = (order: Order) => Promise<OrderReport>;

export function createObey(hands: Hands): Obey {
  const { parts, memory } = hands;
  return async (order) => {
    try {
      await checkAttempt(parts, memory, order);
      const dataset = queuedOn(order);
      if (dataset === undefined) return await carryOut(hands, order);
      return await memory.queue.run(dataset, async () => {
        // Another attempt may have been taken while this order waited (E14).
        await checkAttempt(parts, memory, order);
        return await carryOut(hands, order);
      });
    } catch (error) {
      throw asAnswer(hands, order, error);
    }
  };
}

/** What changes no copy here waits in no queue: markers, roles, rows, what was set aside. */
function queuedOn(order: Order): DatasetName | undefined {
  switch (order.kind) {
    case 'awaitMarker':
    case 'salvage':
    case 'dropSetAside':
    case 'fenceSite':
    case 'setPoolState':
    case 'hydrate':
    case 'roles':
      return undefined;
    case 'mount':
      return order.record.dataset;
    case 'follow':
    case 'seed':
      return order.link.dataset;
    case 'fence':
    case 'abortSwitch':
    case 'detach':
    case 'prepareWayBack':
    case 'dismount':
    case 'setAside':
    case 'verify':
      return order.dataset;
  }
}

function carryOut(hands: Hands, order: Order): Promise<OrderReport> {
  switch (order.kind) {
    case 'fence':
      return obeyFence(hands, order);
    case 'awaitMarker':
      return obeyAwaitMarker(hands, order);
    case 'mount':
      return obeyMount(hands, order);
    case 'abortSwitch':
      return obeyAbortSwitch(hands, order);
    case 'detach':
      return obeyDetach(hands, order);
    case 'prepareWayBack':
      return obeyPrepareWayBack(hands, order);
    case 'dismount':
      return obeyDismount(hands, order);
    case 'follow':
      return obeyFollow(hands, order);
    case 'seed':
      return obeySeed(hands, order);
    case 'setAside':
      return obeySetAside(hands, order);
    case 'salvage':
      return obeySalvage(hands, order);
    case 'dropSetAside':
      return obeyDropSetAside(hands, order);
    case 'verify':
      return obeyVerify(hands, order);
    case 'fenceSite':
      return obeyFenceSite(hands, order);
    case 'setPoolState':
      return obeySetPoolState(hands, order);
    case 'hydrate':
      return obeyHydrate(hands, order);
    case 'roles':
      return obeyRoles(hands, order);
  }
}

function asAnswer({ parts }: Hands, order: Order, error: unknown): Error {
  if (error instanceof RefusedHere) {
    return new OrderRefusedError(parts.server, { code: error.code, why: error.message });
  }
  if (error instanceof EngineRefusedError || error instanceof QueueFullError) {
    return new OrderRefusedError(parts.server, { code: 'rule', why: error.message });
  }
  return new OrderFailedError(`${parts.server} failed to ${order.kind}: ${wordsOf(error)}`);
}
