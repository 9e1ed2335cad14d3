import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';

export type ControlEnv = { Bindings: Partial<HttpBindings> };
export type ControlApp = Hono<ControlEnv>;
