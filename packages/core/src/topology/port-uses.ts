/** What a server listens for, and what each port is called in the topology. */
export const portUses = {
  api: "operators' API",
  peer: 'talk between agents',
  users: "users' HTTP",
  sip: 'SIP over UDP and over TCP',
  sips: 'SIP over TLS, where the server has a certificate',
} as const;

export type PortUse = keyof typeof portUses;
/** 0 asks the system once. */
export type ServerPorts = { readonly [use in PortUse]: number };

export const portUseNames = Object.keys(portUses) as readonly PortUse[];

/** A port for each use. */
export function portsBy<Port>(portOf: (use: PortUse) => Port): { readonly [use in PortUse]: Port } {
  return Object.fromEntries(portUseNames.map((use) => [use, portOf(use)])) as {
    readonly [use in PortUse]: Port;
  };
}
