/** What is told once the password is in force, and what kadmin's refusal of one right says of the whole realm. */
import { expect, test } from 'vitest';
import { inForce } from '../../../src/connectors/in-force.ts';
import { judge } from '../../../src/connectors/kerberos/judge.ts';

test('a wish that was refused is a warning, because the password is in force', () => {
  expect(inForce({ is: 'rejected', cause: 'no right to expire' })).toEqual({
    is: 'delivered',
    warning: 'Nobody will be asked for a new one at the next sign-in: no right to expire',
  });
});

test('a wish that could not be told yet is told again', () => {
  const retry = { is: 'retry', whole: true, cause: 'gone' } as const;
  expect(inForce(retry)).toBe(retry);
});

test('one missing right of kadmin holds up one principal, not the realm', () => {
  const stderr = 'modify_principal: Operation requires ``modify\'\' privilege while modifying "amina@EXAMPLE.ORG".\n';
  expect(judge({ is: 'ended', code: 1, stdout: '', stderr })).toMatchObject({ is: 'retry', whole: false });
});
