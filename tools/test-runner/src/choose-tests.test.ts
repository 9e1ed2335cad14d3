import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTests, type Suite } from './choose-tests.ts';

const tests = [
  'a.test.ts',
  'a.pg.test.ts',
  'a.sim.test.ts',
  'a.e2e.test.ts',
  'a.etcd.test.ts',
  'a.interop.test.ts',
  'a.kill.test.ts',
  'a.drill.test.ts',
  'a.partition.test.ts',
  'a.weather.test.ts',
].map((name) => ({ source: `packages/x/src/${name}`, built: '' }));

function names(suite: Suite, paths: string[] = []): string[] {
  return chooseTests(tests, suite, paths).map((file) => file.source.replace('packages/x/src/', ''));
}

test('the default suite runs everything but foreign programs, kills, drills, bad weather', () => {
  assert.deepEqual(names('default'), [
    'a.test.ts',
    'a.pg.test.ts',
    'a.sim.test.ts',
    'a.e2e.test.ts',
  ]);
});

test('the check runs what needs nothing', () => {
  assert.deepEqual(names('withoutPostgres'), ['a.test.ts']);
});

test('PostgreSQL 15 runs the same files as the embedded one', () => {
  assert.deepEqual(names('pg15'), ['a.pg.test.ts']);
});

test('kills, drills, cut cables and bad weather are suites of their own', () => {
  assert.deepEqual(names('kill'), ['a.kill.test.ts']);
  assert.deepEqual(names('drill'), ['a.drill.test.ts']);
  assert.deepEqual(names('partition'), ['a.partition.test.ts']);
  assert.deepEqual(names('weather'), ['a.weather.test.ts']);
});

test('foreign programs are a suite of their own', () => {
  assert.deepEqual(names('etcd'), ['a.etcd.test.ts']);
  assert.deepEqual(names('interop'), ['a.interop.test.ts']);
});

test('paths narrow a suite', () => {
  assert.deepEqual(names('default', ['.sim.']), ['a.sim.test.ts']);
  assert.deepEqual(names('default', ['packages/y']), []);
});
