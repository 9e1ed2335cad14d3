import type { Listener, Transports, TransportsOptions } from '../transports/transports.ts';
import { createFlowTokens } from '../transports/flow-token.ts';
import { openTransports } from '../transports/open-transports.ts';
import { locate, type LocateTools } from '../location/locate.ts';
import { locateTargetOf } from '../location/locate-target.ts';
import { ownAddressesOf } from './own-addresses.ts';
import type { ProxyAbilities } from '../messages/validate/check-for-proxy.ts';
import { ProxyCore } from './proxy-core.ts';
import type { ProxyCoreOptions } from './proxy-core-options.ts';
import { defaultProxyLimits, type ProxyLimits } from './proxy-target.ts';

/** SIP and nothing but SIP, without an extension that proxies would have to know. */
export const plainAbilities: ProxyAbilities = { schemes: ['sip', 'sips'], optionTags: [] };

type Given =
  | ('clock' | 'chance' | 'chooseTargets' | 'timers' | 'transactionLimits')
  | ('onTrouble' | 'failed');

export type OpenProxyOptions = Pick<ProxyCoreOptions, Given> &
  Pick<TransportsOptions, 'messageLimits' | 'tlsClient' | 'onFlowDead'> & {
    readonly listeners: readonly Listener[];
    readonly transportLimits?: NonNullable<TransportsOptions['limits']>;
    readonly proxyLimits?: ProxyLimits;
    readonly resolver: LocateTools['resolver'];
    /** Signs flow tokens; the same for all servers that are to read them. */
    readonly secret: string;
    readonly abilities?: ProxyAbilities;
  };

export type OpenProxy = AsyncDisposable & {
  readonly transports: Transports;
  readonly core: ProxyCore;
};

/** Opens the listeners and proxies between them; rejects with the system's error. */
export async function openProxy(options: OpenProxyOptions): Promise<OpenProxy> {
  const { resolver, chance, proxyLimits, transportLimits, secret } = options;
  const holder: { core?: ProxyCore } = {};
  const transports = await openTransports({
    ...options,
    ...(transportLimits === undefined ? {} : { limits: transportLimits }),
    // What comes before the core stands is dropped: its sender repeats it.
    onMessage: (message, source) => holder.core?.receive(message, source),
  });
  const supported = [...new Set(transports.listening.map(({ transport }) => transport))];
  const core = new ProxyCore({
    ...options,
    carrier: transports,
    own: ownAddressesOf(transports.listening),
    flowTokens: createFlowTokens(secret),
    locate: async (uri) => {
      const target = locateTargetOf(uri);
      const tools = { resolver, supported, fraction: () => chance.fraction() };
      return target === undefined ? [] : await locate(target, tools);
    },
    abilities: options.abilities ?? plainAbilities,
    limits: proxyLimits ?? defaultProxyLimits,
  });
  holder.core = core;
  return {
    transports,
    core,
    [Symbol.asyncDispose]: async () => {
      core.end();
      await transports[Symbol.asyncDispose]();
    },
  };
}
