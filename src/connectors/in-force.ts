/** The password is in force: a wish beside it that was refused must not have the whole order told as refused. */
import type { Delivered } from './connector.ts';

export const inForce = (asked: Delivered): Delivered =>
  asked.is === 'rejected'
    ? { is: 'delivered', warning: `Nobody will be asked for a new one at the next sign-in: ${asked.cause}` }
    : asked;
