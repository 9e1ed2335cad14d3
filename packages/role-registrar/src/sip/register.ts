import {
  checkRegister,
  mintTag,
  nameOfDestination,
  type SipRequest,
  type SipResponse,
  type Source,
  toOf,
} from '@understudy/sip';
import type { Registration } from '../bindings/binding.ts';
import { takesChanges } from '../data/mounted-dataset.ts';
import { writePath } from '../neighbours/phone-ways.ts';
import type { RegistrationPlan } from '../bindings/plan-registration.ts';
import { unknownOutcome } from '../problem.ts';
import { choosePool, type Place } from '../sign-in/choose-pool.ts';
import { answerRegister } from './answer-register.ts';
import { identify } from './identify.ts';
import { ownUser } from './own-user.ts';
import { readRegistration } from './read-registration.ts';
import { othersOf, refusalElsewhere } from './redirect.ts';
import { SipRefusal } from './sip-refusal.ts';
import type { AnswerTools, Origin } from './sip-tools.ts';

/**
 * Answers a REGISTER once what it changes is durable (RFC 3261, section 10.3). Throws SipRefusal or
 * Problem with what is owed instead.
 */
export async function register(
  request: SipRequest,
  { source, handed }: Origin,
  tools: AnswerTools,
): Promise<SipResponse> {
  const phone = handed ?? source;
  const verdict = checkRegister(request);
  if (verdict.kind === 'answer') throw new SipRefusal(verdict.status, verdict.reason);
  const name = ownUser(toOf(request)?.uri, tools);
  if (name === undefined) throw new SipRefusal(404, 'No Such Address Here');
  const place = await placeOf(name, tools);
  if (place.kind === 'elsewhere') throw refusalElsewhere(place.pool, phone.transport);
  const { pool, mounted } = place;
  if (!takesChanges(pool)) throw refusalElsewhere(pool, phone.transport);
  const user = await identify({ request, source: phone, pool, mounted, as: 'registrar' }, tools);
  if (user.name !== name) throw new SipRefusal(403, 'Registering for Another Is Not Allowed');
  const read = readRegistration(request, nameOfDestination(phone), tools.lives);
  const isOwn = handed === undefined;
  const registration = isOwn ? withOwnPath(read, place, source, tools) : read;
  const plan = await mounted.bindings.submit({ userId: user.id, registration });
  if (!mounted.isLive()) throw unknownOutcome('the right to serve this pool ended meanwhile');
  const { bindings, put } = doneOf(plan);
  const isHanded = handed !== undefined;
  for (const binding of put) tools.onRegistered({ user, mounted, binding, source, isHanded });
  return answerRegister(request, {
    bindings,
    put,
    // A phone at another server sends by that one, which it knows.
    ownRoute: isHanded ? undefined : tools.ownRoute(source),
    others: othersOf(pool),
    transport: phone.transport,
    nowMs: tools.nowMs(),
    toTag: mintTag(tools.chance),
  });
}

/**
 * Where others serve the pool too, the binding says which of them has the phone's connection. So
 * it does where the other side may serve one day, and nothing but its connection leads to a phone.
 */
function withOwnPath(
  registration: Registration,
  { pool, mounted: { mount } }: Extract<Place, { kind: 'here' }>,
  source: Source,
  { ways }: AnswerTools,
): Registration {
  const isShared = (mount.owners?.others.length ?? 0) > 0;
  const mayMove = source.transport !== 'udp' && othersOf(pool).length > 0;
  if (!isShared && !mayMove) return registration;
  return { ...registration, path: [...writePath(ways, source), ...registration.path] };
}

async function placeOf(user: string, { registrar }: AnswerTools): Promise<Place> {
  const asked = { pool: undefined, user };
  const place = await choosePool(registrar, asked);
  if (place.kind === 'here') return place;
  await registrar.limitedMode(place.pool.pool);
  return await choosePool(registrar, asked);
}

function doneOf(plan: RegistrationPlan | undefined) {
  switch (plan?.kind) {
    case 'done':
      return plan;
    case 'tooMany':
      throw new SipRefusal(403, `At Most ${plan.bindingsMax} Contacts`);
    case 'stale':
      // Section 10.3, step 7: overtaken by a newer one of the same Call-ID, so nothing is changed.
      throw new SipRefusal(500, 'A Newer Registration Was Here First');
    case undefined:
      throw unknownOutcome('the store did not answer for this registration');
  }
}
