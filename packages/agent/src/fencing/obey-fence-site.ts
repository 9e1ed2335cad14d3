import {
  type Fencing,
  type FenceSiteOrder,
  type OrderOf,
  type OrderReport,
  showCommand,
} from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { refuse } from '../obey/refuse.ts';
import { proveOff } from './prove-off.ts';

/**
 * Proves that a site is off. Only a command of this agent's own topology is run, so nobody who can
 * give orders can have anything else run here, and what runs is what the plan showed.
 */
export async function obeyFenceSite(
  { parts }: Hands,
  { fencing, run }: FenceSiteOrder & OrderOf,
): Promise<OrderReport> {
  const { site } = fencing;
  const own = parts.topology.sites.find(({ name }) => name === site)?.fencing;
  if (own === undefined) refuse('unknownSubject', `site ${site} has no fencing command here`);
  if (own !== undefined && !isSame(own, fencing)) {
    const shown = showCommand(fencing.command);
    refuse('rule', `the fencing command of site ${site} is not ${shown} any more; plan again`);
  }
  const { isProven, why } = await proveOff(parts, fencing, run);
  if (!isProven) refuse('notProvenOff', `${why}; ${todo}`);
  return { why };
}

const todo = 'make sure that it is off and say so with --partner-is-off';

function isSame(own: Fencing, shown: Fencing): boolean {
  const words = ({ command, expect, timeoutMs }: Fencing) =>
    JSON.stringify([command, expect ?? null, timeoutMs]);
  return words(own) === words(shown);
}
