import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type Endpoint, type EndpointName, endpoints } from './endpoints.ts';
import { AnswerLostError, type HttpAnswer, NotReachedError, sendRequest } from './http-request.ts';
import { errorAnswer, NoAnswerError, OperatorApiError } from '../operator-error.ts';

export type CallerOptions = {
  /** One agent's API address, or several: they are tried in order until one answers. */
  readonly url: string | readonly string[];
  /** The operator's token. Secret: only ever sent to `url` and to hosts that `mayFollow` allows. */
  readonly token: string;
  /** May the token go to the host of a redirect? Default: hosts of `url` only. */
  readonly mayFollow?: (url: URL) => boolean;
  readonly signal?: AbortSignal;
};

export type CallArguments = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Opens the file from its start: a redirected request is sent again whole. */
  readonly csv?: () => Readable;
};

export type Call = <Name extends EndpointName>(
  name: Name,
  given?: CallArguments,
) => Promise<z.output<(typeof endpoints)[Name]['answer']>>;

/** Leader, then at most one more that took over meanwhile, then somebody is going in circles. */
const redirectsMax = 3;

/** A function that asks endpoints by name. Throws OperatorApiError or NoAnswerError. */
export function createCaller(options: CallerOptions): Call {
  const urls = typeof options.url === 'string' ? [options.url] : options.url;
  const asking: Asking = { ...options, mayFollow: options.mayFollow ?? sameHosts(urls) };
  /** The agent that answered last; asked first the next time. */
  let known: string | undefined;

  return async (name, given = {}) => {
    const ordered = known === undefined ? urls : [known, ...urls.filter((each) => each !== known)];
    const first = await chooseAgent(ordered, asking);
    known = first;
    const question = { endpoint: endpoints[name], given };
    const answer = await askFrom(first, question, asking);
    const others = ordered.filter((each) => each !== first);
    const better = await askOthers(others, { question, answer }, asking);
    known = better?.url ?? first;
    return readAnswer(question.endpoint, better?.answer ?? answer) as never;
  };
}

type Asking = Omit<CallerOptions, 'url'> & { readonly mayFollow: (url: URL) => boolean };
type Question = { readonly endpoint: Endpoint; readonly given: CallArguments };

/** Which agent to ask: whoever says hello, so that what changes things is sent only once. */
async function chooseAgent(urls: readonly string[], asking: Asking): Promise<string> {
  const [only, ...others] = urls;
  if (only !== undefined && others.length === 0) return only;
  const tried: { url: string; why: string }[] = [];
  for (const url of urls) {
    try {
      await send(
        new URL(endpoints.hello.path, url),
        { endpoint: endpoints.hello, given: {} },
        asking,
      );
      return url;
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      tried.push({ url, why: error.message });
    }
  }
  throw new NoAnswerError(tried);
}

type Failed = { readonly question: Question; readonly answer: HttpAnswer };

/**
 * An agent lives on when its store is down, and then cannot tell what another can. Only what
 * changes nothing is asked again; undefined where the first answer stands.
 */
async function askOthers(
  urls: readonly string[],
  { question, answer }: Failed,
  asking: Asking,
): Promise<{ readonly url: string; readonly answer: HttpAnswer } | undefined> {
  if (answer.status < 500 || question.endpoint.method !== 'GET') return undefined;
  for (const url of urls) {
    const other = await askFrom(url, question, asking).catch((error: unknown) => {
      if (error instanceof NoAnswerError) return undefined;
      throw error;
    });
    if (other !== undefined && other.status < 500) return { url, answer: other };
  }
  return undefined;
}

/** Asks, and goes where it is sent on to. */
async function askFrom(base: string, question: Question, asking: Asking): Promise<HttpAnswer> {
  let url = addressOf(base, question);
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const answer = await sendOrSay(url, question, { ...asking, isSentOn: redirects > 0 });
    if (answer.status !== 307 || answer.location === undefined) return answer;
    url = new URL(answer.location, url);
    if (!asking.mayFollow(url)) throw strayRedirect(url);
  }
  throw new NoAnswerError([
    { url: url.origin, why: `agents sent this on more than ${redirectsMax} times` },
  ]);
}

async function sendOrSay(
  url: URL,
  question: Question,
  { isSentOn, ...asking }: Asking & { readonly isSentOn: boolean },
): Promise<HttpAnswer> {
  try {
    return await send(url, question, asking);
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    const mayHaveBeenDone = error instanceof AnswerLostError && question.endpoint.method !== 'GET';
    const tried = [{ url: url.origin, why: error.message }];
    throw new NoAnswerError(tried, { mayHaveBeenDone, isSentOn });
  }
}

function send(url: URL, { endpoint, given }: Question, asking: Asking): Promise<HttpAnswer> {
  const body = given.csv?.() ?? (given.body === undefined ? undefined : JSON.stringify(given.body));
  const type = given.csv === undefined ? 'application/json' : 'text/csv; charset=utf-8';
  return sendRequest({
    url,
    method: endpoint.method,
    headers: {
      authorization: `Bearer ${asking.token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    timeoutMs: endpoint.timeoutMs,
    ...(body === undefined ? {} : { body }),
    ...(asking.signal && { signal: asking.signal }),
  });
}

function isNoAnswer(error: unknown): error is NotReachedError | AnswerLostError {
  return error instanceof NotReachedError || error instanceof AnswerLostError;
}

function addressOf(base: string, { endpoint, given }: Question): URL {
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(given.params?.[name] ?? ''),
  );
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function sameHosts(urls: readonly string[]): (url: URL) => boolean {
  const hosts = new Set(urls.map((url) => new URL(url).hostname));
  return (url) => hosts.has(url.hostname);
}

function strayRedirect(url: URL): OperatorApiError {
  return new OperatorApiError(307, {
    error: {
      code: 'strayRedirect',
      what: 'an agent sent this on to an address that is not one of this deployment',
      where: url.origin,
      todo: 'check the addresses in the topology file',
    },
  });
}

function readAnswer(endpoint: Endpoint, answer: HttpAnswer): unknown {
  const { status, text } = answer;
  const json = parseJson(text);
  if (status >= 200 && status < 300) {
    const read = endpoint.answer.safeParse(json);
    if (read.success) return read.data;
    throw notUnderstood(endpoint, status, read.error.issues.map(showIssue).join('; '));
  }
  const read = errorAnswer.safeParse(json);
  if (read.success) throw new OperatorApiError(status, read.data);
  throw notUnderstood(endpoint, status, text.slice(0, 200));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // Judged by the schema, which names what was expected instead.
  }
}

function showIssue(issue: { readonly path: readonly PropertyKey[]; readonly message: string }) {
  return `${issue.path.join('.')}: ${issue.message}`;
}

function notUnderstood(endpoint: Endpoint, status: number, why: string): OperatorApiError {
  return new OperatorApiError(status, {
    error: {
      code: 'notUnderstood',
      what: `the agent answered ${status} with something else than expected: ${why}`,
      where: `${endpoint.method} ${endpoint.path}`,
      todo: 'check that the agent and this command are of the same version',
    },
  });
}
