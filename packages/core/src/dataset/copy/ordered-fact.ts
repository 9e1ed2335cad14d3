import type { Order } from '../../agent/order.ts';
import type { OrderedFact } from './copy-fact.ts';

/**
 * The fact that an order is for the copy it names; undefined for orders about something else:
 * sites, pools, roles, rows, what was set aside.
 */
export function orderedFact(order: Order): OrderedFact | undefined {
  switch (order.kind) {
    case 'fence':
      return 'fenceOrdered';
    case 'awaitMarker':
      return 'awaitMarkerOrdered';
    case 'mount':
      return order.record.former?.how === 'forced'
        ? 'forcedActivationOrdered'
        : 'activationOrdered';
    case 'abortSwitch':
      return order.side === 'target' ? 'abortOrdered' : 'mountAgainOrdered';
    case 'detach':
      return 'detachOrdered';
    case 'prepareWayBack':
      return 'wayBackOrdered';
    case 'dismount':
      return 'dismountOrdered';
    case 'follow':
      return 'followOrdered';
    case 'seed':
      return 'seedOrdered';
    case 'setAside':
      return 'setAsideOrdered';
    case 'verify':
      return 'verifyOrdered';
    case 'salvage':
    case 'dropSetAside':
    case 'fenceSite':
    case 'setPoolState':
    case 'hydrate':
    case 'roles':
      return undefined;
  }
}
