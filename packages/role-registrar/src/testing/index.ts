export { openPhone, type PhoneOptions, type TestPhone } from './a-phone.ts';
