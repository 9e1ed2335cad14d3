import { z } from 'zod';
import { topologyFileSchema } from './topology-schema.ts';

/** The JSON Schema of topology files, for editors: docs/topology.schema.json has the same. */
export function publishedTopologySchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(topologyFileSchema, { io: 'input' });
  const titled = { $schema, title: 'Understudy topology', ...schema };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}
