import { drawCopyStates, drawLimits } from '@understudy/core';
import { operatorOpenApi } from '../operator/http/openapi.ts';
import { publishedTopologySchema } from '../topology-file/published-schema.ts';

/** A page of docs/ that is made from the code, and is committed for readers and reviewers. */
export type GeneratedDoc = {
  /** Path below docs/. */
  readonly path: string;
  readonly text: string;
};

/** All pages that this package and `core` make. */
export function generatedDocs(): readonly GeneratedDoc[] {
  return [
    { path: 'operating/copy-states.md', text: drawCopyStates() },
    { path: 'operating/limits.md', text: drawLimits() },
    { path: 'openapi.json', text: `${JSON.stringify(operatorOpenApi(), null, 2)}\n` },
    { path: 'topology.schema.json', text: publishedTopologySchema() },
  ];
}

/** docs/ of the project, seen from this file's place in the build. */
export const docsFolder = new URL('../../../../docs/', import.meta.url);
