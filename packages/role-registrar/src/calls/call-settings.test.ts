import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../problem.ts';
import { checkCallSettings } from './check-call-settings.ts';
import { keepWhole } from './read-call-settings.ts';

const domains = ['example.test', 'also.test'];
const owner = { name: 'ben', domains };
const cat = 'sip:cat@example.test';

test('a whole setting is taken as it is', () => {
  const whole = {
    doNotDisturb: false,
    forwardBusy: 'sip:cat@ALSO.test',
    forwardNoAnswer: { to: cat, afterMs: 20_000 },
    ringAlso: [cat],
  };
  assert.deepEqual(checkCallSettings(whole, owner), whole);
  assert.deepEqual(checkCallSettings({}, owner), {});
});

for (const [value, where, what] of [
  [{ doNotDisturb: 'yes' }, 'body.value.doNotDisturb', /boolean/],
  [{ forwardBusy: 'sip:x@elsewhere.test' }, 'body.value.forwardBusy', /users of example.test only/],
  [{ forwardAlways: `${cat}:5060` }, 'body.value.forwardAlways', /users of example.test only/],
  [{ forwardAlways: 'tel:+3120' }, 'body.value.forwardAlways', /users of example.test only/],
  [{ forwardAlways: 'sip:ben@also.test' }, 'body.value.forwardAlways', /whose calls/],
  [{ forwardNoAnswer: { to: cat, afterMs: 1 } }, 'body.value.forwardNoAnswer.afterMs', /1000/],
  [
    { forwardNoAnswer: { to: 'sip:x@y', afterMs: 5_000 } },
    'body.value.forwardNoAnswer.to',
    /users of example.test only/,
  ],
  [{ ringAlso: [cat, 'cat'] }, 'body.value.ringAlso.1', /users of example.test only/],
  [{ ringAlso: Array(6).fill(cat) }, 'body.value.ringAlso', /5/],
  [{ forwardBussy: cat }, 'body.value', /forwardBussy/],
  ['off', 'body.value', /object/],
] as const) {
  test(`${JSON.stringify(value)} is refused, and ${where} is named`, () => {
    assert.throws(
      () => checkCallSettings(value, owner),
      (error) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.details.where, where);
        assert.match(error.details.what, what);
        return true;
      },
    );
  });
}

test('of a broken setting in the store, what is whole acts, and the rest is told', () => {
  const told: string[] = [];
  const tools = { domains, onBroken: (why: string) => told.push(why) };
  const broken = { doNotDisturb: true, forwardBusy: 7, forwardAlways: 'sip:x@y', forgotten: 1 };
  assert.deepEqual(keepWhole(broken, tools), { doNotDisturb: true });
  assert.deepEqual(
    told.map((why) => why.split(':')[0]),
    ['forwardBusy', 'forwardAlways'],
  );
  for (const none of [null, 'x', 3, []]) assert.deepEqual(keepWhole(none, tools), {});
});
