/** An address of the configuration, judged once at the start: where requests may go, and what is trusted there (A27). */
import { addressGuard } from '../../outbound/addresses.ts';
import type { Target } from '../../outbound/exchange.ts';
import { type Explanation, explain } from '../../outbound/explain.ts';
import { readCa } from '../../outbound/read-ca.ts';
import type { ConnectionSettings } from './settings.ts';

export interface Site {
  /** Key of the address in the configuration. */
  key: string;
  /** Without a slash at its end. */
  base: string;
  target: Pick<Target, 'url' | 'guard' | 'ca'>;
  /** Why there was no answer, with the keys of this site. */
  explain(error: unknown): Explanation;
}

/** @throws Error that names the key when a value can't be used. */
export function openSite(key: string, address: string, settings: ConnectionSettings): Site {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') throw new Error(`${key}: the sign-in has keys of its own.`);
  try {
    return {
      key,
      base: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
      target: {
        url,
        guard: addressGuard(url, settings.allowedNetworks),
        ca: settings.caFile === undefined ? undefined : readCa(settings.caFile),
      },
      explain(error) {
        const explained = explain(error);
        return explained.key === 'url' ? { ...explained, key } : explained;
      },
    };
  } catch (error) {
    throw new Error((error as Error).message.replace(/^url:/, `${key}:`), { cause: error });
  }
}
