export { createWriteLedger, type WriteLedger } from './check/write-ledger.ts';
export type { DrillDeployment } from './deployment/drill-deployment.ts';
export { type DeploymentOptions, startDeployment } from './deployment/start-deployment.ts';
export * from './report/drill-document.ts';
export * from './report/drill-result.ts';
export { type DrillOptions, runDrill } from './run-drill.ts';
export { htmlReport } from './report/html-report.ts';
export { conclusion, findingLines, textReport } from './report/text-report.ts';
