export * from './test-certificate.ts';
export { torture } from '../messages/testing/read-torture.ts';
