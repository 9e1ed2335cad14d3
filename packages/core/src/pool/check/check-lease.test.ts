import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseReport, VotesReport } from '../../agent/agent-report.ts';
import { aLeaseReport, voters } from '../../testing/a-vote.ts';
import { aReport, anInventory, names } from '../../testing/index.ts';
import { planFailover } from '../plan/plan-failover.ts';

/** East does not answer west, and west sees of its lease what is given. */
function refusalsWith(difference: Partial<LeaseReport>): readonly string[] {
  const votes: VotesReport = {
    membership: { generation: 0, started: [names.eastServer, names.westServer], stopped: [] },
    heard: 3,
    voters: voters.map((voter) => ({ voter, isSilent: false })),
    leases: [aLeaseReport({ heldMs: 83_400, renewedAt: voters.slice(1), ...difference })],
  };
  const inventory = anInventory({
    observer: names.westServer,
    reports: [aReport({ votes })],
    silent: [{ server: names.eastServer, why: 'no answer' }],
  });
  const request = { runbook: 'pool-failover', pool: names.eastPool, mode: 'forced' } as const;
  const { findings } = planFailover(inventory, { ...request, isPartnerOff: true, by: 'anna' });
  return findings.filter(({ code }) => code === 'leaseRenewed').map(({ why }) => why);
}

test('no word forces a side whose lease a majority sees renewed; what would break is named', () => {
  const [why] = refusalsWith({});
  assert.match(why ?? '', /^east-store renews the lease of users-east at west-1 and witness/);
  assert.match(why ?? '', /under generation 1 for 83 s at least: it is on/);
});

test('a lease that stands still, at too few voters, or is of another refuses nothing', () => {
  assert.deepEqual(refusalsWith({ renewedAt: [] }), []);
  assert.deepEqual(refusalsWith({ renewedAt: voters.slice(2) }), []);
  assert.deepEqual(refusalsWith({ holder: names.westStore }), []);
});
