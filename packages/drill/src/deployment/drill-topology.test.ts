import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTopologyFile } from '@understudy/api';
import { defaultLimits } from '@understudy/core';
import { drillTopologyText } from './drill-topology.ts';

test('a drill changes nothing of the default topology but the silence before limited mode', () => {
  const { topology } = parseTopologyFile(drillTopologyText(true), 'the topology of a drill');
  assert.deepEqual(topology?.limits, { ...defaultLimits, silenceBeforeLimitedMs: 5_000 });
  assert.ok(topology.votes !== undefined);
  const without = parseTopologyFile(drillTopologyText(false), 'one without votes').topology;
  const { votes: _, ...rest } = topology;
  assert.deepEqual(without, rest);
});
