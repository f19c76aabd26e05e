/**
 * What keeps a whole system from being asked: for the spread engine as an outcome, for `check` as a finding. Made of our own
 * words; what the system said is in it only after `quote`.
 */

import type { Finding } from '../../kernel/plugin.ts';
import type { Found } from '../connector.ts';

export interface Trouble {
  cause: string;
  fix: string;
  /** Of the configuration. */
  key: string;
  /** ms; the least that the system asked for. */
  after?: number;
  /** Only this account: the others may go on. */
  single?: true;
}

export type Retry = Extract<Found, { is: 'retry' }>;

export const asRetry = ({ cause, fix, key, after, single }: Trouble): Retry => ({
  is: 'retry',
  whole: single !== true,
  ...(after === undefined ? {} : { after }),
  cause: `${cause} ${key}: ${fix}`,
});

export const asFinding = (what: string, { cause, fix, key }: Trouble): Finding => ({
  is: 'failed',
  what,
  cause,
  fix,
  key,
});
