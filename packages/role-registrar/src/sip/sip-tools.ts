import type { Chance } from '@understudy/ports';
import type {
  Destination,
  DigestAlgorithm,
  FailedDestinations,
  FlowTokens,
  Source,
  Transport,
} from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';
import type { KnownUser } from '../data/known-user.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import type { NeighbourTokens } from '../neighbours/neighbour-tokens.ts';
import type { PhoneWays } from '../neighbours/phone-ways.ts';
import type { Registrar } from '../registrar.ts';
import type { SignInTools } from '../sign-in/sign-in.ts';
import type { LifeBounds } from './read-registration.ts';

/** What answering SIP requests takes. */
export type SipTools = {
  readonly registrar: Registrar;
  readonly signIn: SignInTools;
  /** What phones are challenged for, in this order (RFC 8760). */
  readonly digestsFor: (transport: Transport) => readonly DigestAlgorithm[];
  /** Of the users: what stands behind the @ of their addresses. */
  readonly domains: readonly string[];
  /** Addresses of this server, which phones may use in the domain's place. */
  readonly ownPlaces: () => readonly { readonly host: string; readonly port: number }[];
  /** This server as a value of Route, for whoever came in there. */
  readonly ownRoute: (source: Source) => string | undefined;
  readonly lives: LifeBounds;
  /** How long a message waits for its user to sign in. */
  readonly keptMessageMs: number;
  /** Ways to phones, here and through other servers of the pool. */
  readonly ways: PhoneWays;
  readonly chance: Chance;
  readonly nowMs: () => number;
};

/** Where a request comes from. */
export type Origin = {
  /** Who has sent it here. */
  readonly source: Source;
  /** The phone, where another server of the pool has handed its request over. */
  readonly handed?: Destination;
};

/** A phone that has just signed in, or again. */
export type Registered = {
  readonly user: KnownUser;
  readonly mounted: ServedDataset;
  readonly binding: Binding;
  readonly source: Source;
  /** It came by another server of the pool, which has the phone's connection. */
  readonly isHanded: boolean;
};

export type AnswerTools = SipTools & { readonly onRegistered: (registered: Registered) => void };

/** What finding the way of other requests takes. */
export type RoutingTools = SipTools & {
  readonly failed: Pick<FailedDestinations, 'hasFailed'>;
  /** Say to another server of ours that the sender has proved who it is; phones see none. */
  readonly askedTokens: FlowTokens;
  /** Say the same, and where phones are, among the servers of one pool. */
  readonly neighbourTokens: NeighbourTokens;
};
