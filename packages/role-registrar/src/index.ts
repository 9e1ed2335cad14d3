export {
  type RunningRegistrar,
  startRegistrar,
  type StartRegistrarOptions,
} from './start-registrar.ts';
export { createRegistrar, type Registrar, type RegistrarOptions } from './registrar.ts';
export type { SipTls } from './sip/open-sip-door.ts';
export { createLog } from './log.ts';
