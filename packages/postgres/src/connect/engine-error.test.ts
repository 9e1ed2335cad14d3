import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineRefusedError, StoreDownError, TimedOutError } from '@understudy/ports';
import { asEngineError, gateShutCode, hasSqlState } from './engine-error.ts';

const where = { store: 'east-store', database: 'users' };
const answered = (code: string) => Object.assign(new Error('no'), { code, severity: 'ERROR' });

test('no answer is a store that is down; an answer is a refusal or a bound', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  assert.ok(asEngineError(refused, where) instanceof StoreDownError);
  assert.ok(asEngineError(new Error('Connection terminated'), where) instanceof StoreDownError);
  for (const code of ['08006', '57P01', '57P03', '53300']) {
    assert.ok(asEngineError(answered(code), where) instanceof StoreDownError, code);
  }
  for (const code of ['57014', '55P03', '40001', '40P01']) {
    assert.ok(asEngineError(answered(code), where) instanceof TimedOutError, code);
  }
  assert.ok(asEngineError(answered('42501'), where) instanceof EngineRefusedError);
});

test('an engine error passes through, and the SQLSTATE is found again', () => {
  const error = new StoreDownError('gone');
  assert.equal(asEngineError(error, where), error);
  assert.ok(hasSqlState(asEngineError(answered(gateShutCode), where), gateShutCode));
  assert.ok(!hasSqlState(error, gateShutCode));
});

test('a code of Node that looks like a SQLSTATE is none', () => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  assert.ok(asEngineError(broken, where) instanceof StoreDownError);
});
