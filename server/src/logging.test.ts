import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from './logging.js';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(createLogger('debug', destination));
  return text;
}

test('secrets are blanked out, however they got into a line', () => {
  const text = logged((logger) => {
    logger.info(
      { token: 'canary', device: 'd1', request: { headers: { authorization: 'canary' } } },
      'line',
    );
    logger.info({ call: { sdp: 'canary' }, a: { b: { ciphertext: 'canary' } } }, 'line');
  });
  expect(text).toContain('d1');
  expect(text).not.toContain('canary');
});

test('an error is told by class, code and stack, without the values that drivers add', () => {
  const driverError = Object.assign(new Error('duplicate key value (canary)'), {
    name: 'SequelizeUniqueConstraintError',
    sql: 'INSERT canary',
    parameters: ['canary'],
  });
  const text = logged((logger) => {
    logger.error({ err: new Error('outer', { cause: driverError }) }, 'failed');
  });
  expect(text).toContain('SequelizeUniqueConstraintError');
  expect(text).toContain('logging.test.ts');
  expect(text).not.toContain('canary');
});

test('no line names the machine or the process', () => {
  const line = JSON.parse(logged((logger) => { logger.info('line'); })) as object; // prettier-ignore
  expect(Object.keys(line).sort()).toEqual(['level', 'msg', 'time']);
});
