import assert from 'node:assert/strict';
import test from 'node:test';
import { asServer } from '../ids.ts';
import { names } from '../testing/names.ts';
import { coordinateActivation } from './activation-coordination.ts';

const { eastServer: east, westServer: west } = names;
const third = asServer('third-1');
const alone = {
  self: east,
  started: [east, west, third],
  heard: [],
  voters: 3,
  votersHeard: 1,
  hasOperatorWord: false,
};

test('V5: after a power loss of all, two that believe each other are not enough of four', () => {
  const fourth = asServer('fourth-1');
  const situation = {
    ...alone,
    started: [east, west, third, fourth],
    voters: 5,
    votersHeard: 2,
    heard: [{ member: west, isVeteran: false }],
  };
  const judged = coordinateActivation(situation);
  assert.equal(judged.answer, 'wait');
  assert.match(judged.why, /2 of 5 voters answer, and third-1 and fourth-1 may know/);
});

test('V5: a majority, a member in quorum all the while, all of them, or a word is enough', () => {
  const newcomers = [west, third].map((member) => ({ member, isVeteran: false }));
  for (const more of [
    { votersHeard: 2 },
    { heard: [{ member: west, isVeteran: true }] },
    { heard: newcomers },
    { hasOperatorWord: true },
  ]) {
    assert.equal(coordinateActivation({ ...alone, ...more }).answer, 'allowed');
  }
  assert.equal(coordinateActivation(alone).answer, 'wait');
});

test('a member that is stopped mounts nothing, and believes no other stopped one', () => {
  const stopped = { ...alone, started: [west, third], votersHeard: 3 };
  assert.equal(coordinateActivation(stopped).answer, 'wait');
  const heard = [{ member: west, isVeteran: true }];
  assert.equal(coordinateActivation({ ...alone, started: [east, third], heard }).answer, 'wait');
});
