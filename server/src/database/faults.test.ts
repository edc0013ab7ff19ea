import { ConnectionError, DatabaseError } from 'sequelize';
import { expect, test } from 'vitest';
import { ServerError } from '../errors.js';
import { asRefusal, broken, faultOf } from './faults.js';

const coded = (code: string, message = ''): Error => Object.assign(new Error(message), { code });
const wrapped = (parent: Error): Error =>
  new DatabaseError(Object.assign(parent, { sql: 'SELECT 1', parameters: {} }));

test.each([
  ['SQLITE_FULL', 'disk_full'],
  ['53100', 'disk_full'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_IOERR', 'failing'],
  ['SQLITE_READONLY', 'failing'],
  ['57P01', 'unreachable'],
  ['57P03', 'unreachable'],
  ['08006', 'unreachable'],
  ['53300', 'unreachable'],
  ['ECONNREFUSED', 'unreachable'],
  ['XX001', 'failing'],
])('%s is the fault %s, however deep it lies', (code, fault) => {
  expect(faultOf(coded(code))).toBe(fault);
  expect(faultOf(wrapped(coded(code)))).toBe(fault);
  expect(faultOf(broken(wrapped(coded(code))))).toBe(fault);
  expect(asRefusal(wrapped(coded(code)))).toMatchObject({
    code: 'unavailable',
    retryAfterSeconds: 2,
  });
});

test.each([
  new Error('Connection terminated unexpectedly'),
  new Error('Client has encountered a connection error and is not queryable'),
  new ConnectionError(new Error('SequelizeConnectionAcquireTimeoutError')),
])('a lost connection without a code is known by its words: $message', (error) => {
  expect(faultOf(error)).toBe('unreachable');
});

test.each([
  coded('SQLITE_CONSTRAINT'),
  coded('23505'),
  coded('40P01'),
  new TypeError('ours'),
  new ServerError('not_found', 'nothing'),
  'text',
  undefined,
])('%s is no fault of the database, and stays what it is', (error) => {
  expect(faultOf(error)).toBe(null);
  expect(asRefusal(error)).toBe(error);
});

test('a chain that leads into itself ends', () => {
  const error = new Error('a');
  error.cause = error;
  expect(faultOf(error)).toBe(null);
});
