export * from './test-certificate.ts';
