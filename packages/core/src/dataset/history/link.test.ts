import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asDataset, asStore } from '../../ids.ts';
import { names } from '../../testing/index.ts';
import {
  databaseName,
  type Link,
  linkName,
  linkNameLengthMax,
  setAsideName,
  topologyNameLengthMax,
} from './link.ts';

const link: Link = {
  dataset: names.usersEast,
  from: names.eastStore,
  to: names.westStore,
  since: asGeneration(3),
};

test('E2: the name of a link tells dataset, direction and generation', () => {
  assert.equal(linkName(link), 'us_users_east_east_store_west_store_g3');
  const others: Link[] = [
    { ...link, dataset: names.usersWest },
    { ...link, from: link.to, to: link.from },
    { ...link, since: asGeneration(4) },
  ];
  for (const other of others) assert.notEqual(linkName(other), linkName(link));
});

test('the longest names of a topology fit what PostgreSQL keeps of an identifier', () => {
  const longest = 'n'.repeat(topologyNameLengthMax);
  const name = linkName({
    dataset: asDataset(longest),
    from: asStore(longest),
    to: asStore(longest),
    since: asGeneration(99_999_999_999),
  });
  assert.ok(name.length <= linkNameLengthMax, `${name.length}`);
});

test('names of databases', () => {
  assert.equal(databaseName(names.usersEast), 'users_east');
  assert.equal(setAsideName(names.usersEast, asGeneration(3)), 'users_east_gen3');
});
