import { expect, test } from 'vitest';
import { asSparekeyError, errorCodes, errorTable, SparekeyError } from '../../../src/kernel/errors.ts';
import { catalogues } from '../../../src/text/index.ts';

test.each(errorCodes)('%s has words in every language', (code) => {
  const { text } = errorTable[code];
  for (const catalogue of Object.values(catalogues)) {
    expect(catalogue).toMatchObject({ [`${text}.title`]: expect.any(String), [`${text}.text`]: expect.any(String) });
  }
});

test('people can not tell what only operators may know', () => {
  const hidden = errorCodes.filter((code) => errorTable[code].audience === 'operator');
  expect(hidden).toEqual(['storage-full', 'storage-unavailable']);
  const { status, text } = errorTable['not-ready'];
  for (const code of hidden) expect(errorTable[code]).toMatchObject({ status, text });
});

test('an error of ours keeps its code and cause; any other thrown value is internal', () => {
  const cause = new Error('ECONNREFUSED');
  const ours = new SparekeyError('directory-unavailable', cause);
  expect(asSparekeyError(ours)).toBe(ours);
  expect(ours).toMatchObject({ code: 'directory-unavailable', cause });
  expect(asSparekeyError('boom')).toMatchObject({ code: 'internal', cause: 'boom' });
});
