export {
  findMissing,
  findNowhere,
  findServingStore,
  type PoolCopies,
} from './check/account-for-writes.ts';
export { databaseOf, withDatabase } from './check/copy-database.ts';
export { keepTrespassing, tryRawWrite } from './check/trespass.ts';
export { createWriteLedger, type KeptWrite, type WriteLedger } from './check/write-ledger.ts';
export { addressesOf, type DrillDeployment, poolCopiesOf } from './deployment/drill-deployment.ts';
export { findRunning, killServer } from './deployment/end-server.ts';
export { type DeploymentOptions, startDeployment } from './deployment/start-deployment.ts';
export { nowMs } from './measure/instant.ts';
export { createProbeLog, type ProbeLog } from './measure/probe-log.ts';
export { createPhone, type Phone } from './phones/create-phone.ts';
export { openPhoneLine } from './phones/open-phone-line.ts';
export * from './report/drill-document.ts';
export * from './report/drill-result.ts';
export { type DrillOptions, runDrill } from './run-drill.ts';
export { htmlReport } from './report/html-report.ts';
export { conclusion, findingLines, textReport } from './report/text-report.ts';
export { forcedRequest } from './scenario/force-failover.ts';
export { unwellIn } from './scenario/wait-restored.ts';
export { createWriter } from './users/clients.ts';
export { type DrillUser, makeUsers, usersCsv } from './users/drill-user.ts';
export { keepTrying } from './users/pace.ts';
export { createPoolClient, type UsersAddress } from './users/pool-client.ts';
