import { type RolePool, servingSide } from '@understudy/core';
import {
  defaultPortOf,
  type FailedRound,
  type HeaderField,
  type NameAddr,
  parseUri,
  type ProxyDecision,
  type ProxyTarget,
  type SipResponse,
  type Source,
} from '@understudy/sip';
import { refusalElsewhere } from './redirect.ts';
import type { RoutingTools } from './sip-tools.ts';

/** What is passed on: a request for that address, with what is told of its way. */
export type PassedOn = {
  readonly uri: string;
  readonly source: Source;
  readonly token?: string;
  readonly headers?: readonly HeaderField[];
};

type Server = { readonly target: ProxyTarget; readonly rank: number };

/** To the server that serves the pool; a token in the Route says that the caller is known. */
export function passOn(
  { uri, source, token, headers = [] }: PassedOn,
  pool: RolePool,
  { failed }: Pick<RoutingTools, 'failed'>,
): ProxyDecision {
  const places = pool.sip?.[servingSide(pool.state)] ?? [];
  const servers = places.flatMap(({ plain }): readonly Server[] => {
    const next = parseUri(`sip:${token === undefined ? '' : `${token}@`}${plain};lr`);
    if (next?.kind !== 'sip') return [];
    const route: NameAddr = { uri: next, parameters: [] };
    const address = next.host.replaceAll(/[[\]]/g, '');
    const hasFailed = failed.hasFailed({ address, port: next.port ?? defaultPortOf('udp') });
    return [{ target: { uri, routes: [route], headers }, rank: hasFailed ? 1 : 0 }];
  });
  // One that was silent a moment ago would hold each call up for half a minute.
  const [first, ...others] = servers
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ target }) => target);
  if (first === undefined) throw refusalElsewhere(pool, source.transport);
  return inTurn(first, others);
}

/**
 * A server that does not answer says nothing about the user: the pool's next one is asked. Phones
 * that rang in vain are an answer.
 */
function inTurn(target: ProxyTarget, others: readonly ProxyTarget[]): ProxyDecision {
  const [next, ...rest] = others;
  if (next === undefined) return { kind: 'targets', targets: [target] };
  const onFailure = async ({ status }: SipResponse, { hasRung }: FailedRound) =>
    unreachable.has(status) && !hasRung ? inTurn(next, rest) : undefined;
  return { kind: 'targets', targets: [target], onFailure };
}

const unreachable = new Set([408, 503]);
