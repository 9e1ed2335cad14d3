import { readFile, stat } from 'node:fs/promises';
import { DeploymentError, topologyTextMax } from '@understudy/api';

/** A character has at most four bytes in UTF-8. */
const topologyBytesMax = 4 * topologyTextMax;

/**
 * The text of the file that `up` was given. Only a plain file of a topology's size is opened: a
 * pipe, a terminal or a device may never come to an end.
 */
export async function readTopology(file: string): Promise<string> {
  const { isPlain, size } = await look(file);
  if (!isPlain) throw unreadable(file, 'it is not a plain file');
  if (size > topologyBytesMax) {
    throw unreadable(file, `it has ${size} bytes, and a topology at most ${topologyBytesMax}`);
  }
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, (error as Error).message);
  });
}

async function look(file: string) {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, (error as Error).message);
  });
  return { isPlain: found.isFile(), size: found.size };
}

function unreadable(file: string, why: string): DeploymentError {
  return new DeploymentError('unreadable', {
    what: `the topology file cannot be read: ${why}`,
    where: file,
    todo: 'name a topology file, or none for the default two sites on this machine',
  });
}
