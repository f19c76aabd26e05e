/** An answer about one account that no other attempt will change. */
import type { Delivered } from '../connector.ts';

/** `reason`: from `quote`, so that it holds no password. */
export const refused = (status: number, reason: string | undefined, hint?: string): Delivered => ({
  is: 'rejected',
  cause: `The system refuses it (status ${status})${reason === undefined ? '.' : `: ${reason}`}`,
  ...(hint === undefined ? {} : { hint }),
});
