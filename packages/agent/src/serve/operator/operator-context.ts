import type { Readable } from 'node:stream';
import type {
  EndpointAnswer,
  EndpointName,
  EndpointPart,
  Operator,
  RoleControlClient,
} from '@understudy/api';
import type { Finding, ServerName, Topology } from '@understudy/core';
import type { Log } from '@understudy/ports';
import type { Agent } from '../../agent.ts';

/** What the operators' API is served from. */
export type OperatorApi = {
  readonly agent: Agent;
  readonly topology: Topology;
  readonly topologyHash: string;
  readonly version: string;
  /** Operators with their tokens' hashes. */
  readonly operators: readonly Operator[];
  /** Passes administration of users on to the roles of this server (decisions/0017). */
  readonly roles: Pick<RoleControlClient, 'forward'>;
  readonly log: Log;
};

/** One request after its token, parameters and body were judged. */
export type Asked<Name extends EndpointName> = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: EndpointPart<Name, 'query'>;
  readonly body: EndpointPart<Name, 'body'>;
  /** Name of the operator whose token it is. */
  readonly operator: string;
  /** Path and query as they were asked, for redirects and for passing on. */
  readonly pathAndQuery: string;
  /** The body as it arrives, where the endpoint takes CSV. */
  readonly stream: () => Readable;
  /** Tells whoever asked that the answer is on its way. */
  readonly sayProgress: () => void;
};

export type Handler<Name extends EndpointName> = (
  asked: Asked<Name>,
) => Promise<EndpointAnswer<Name> | Passed>;

/** An answer of somebody else, passed through as it is. */
export class Passed {
  readonly status: number;
  readonly text: string;
  constructor(status: number, text: string) {
    this.status = status;
    this.text = text;
  }
}

/** Another agent has to be asked: answered with 307 and its address. */
export class ElsewhereError extends Error {
  override readonly name = 'ElsewhereError';
  readonly server: ServerName;
  constructor(server: ServerName) {
    super(`${server} has to be asked`);
    this.server = server;
  }
}

/** A rule forbids it: answered with 409 and the findings. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
  readonly refusals: readonly Finding[];
  constructor(refusals: readonly Finding[]) {
    super(refusals.map(({ why }) => why).join('; '));
    this.refusals = refusals;
  }
}

/** The request itself is wrong, or names what is not there. */
export class WrongRequestError extends Error {
  override readonly name = 'WrongRequestError';
  readonly code: 'badRequest' | 'notFound';
  readonly todo: string;
  constructor(code: 'badRequest' | 'notFound', what: string, todo: string) {
    super(what);
    this.code = code;
    this.todo = todo;
  }
}
