import type { Chance } from '@understudy/ports';
import type { Registrar } from '../registrar.ts';
import type { SignInTools } from '../sign-in/sign-in.ts';
import type { LifeBounds } from './read-registration.ts';

/** What answering SIP requests takes. */
export type SipTools = {
  readonly registrar: Registrar;
  readonly signIn: SignInTools;
  /** Of the users: what stands behind the @ of their addresses. */
  readonly domains: readonly string[];
  /** Names and addresses of this server, which phones may use in the domain's place. */
  readonly ownHosts: readonly string[];
  readonly lives: LifeBounds;
  readonly chance: Chance;
  readonly nowMs: () => number;
};
