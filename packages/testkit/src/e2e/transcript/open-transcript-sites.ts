import { randomUUID } from 'node:crypto';
import { openSites, type Sites } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';

/** The default deployment with one user of pool east. */
export async function openTranscriptSites(): Promise<Sites> {
  const sites = await openSites();
  try {
    const ann = { id: randomUUID(), name: 'ann', password: 'a password of ann' };
    await waitFor('that ann is there', () => sites.client.addUser('east', ann));
    return sites;
  } catch (error) {
    await sites[Symbol.asyncDispose]();
    throw error;
  }
}
