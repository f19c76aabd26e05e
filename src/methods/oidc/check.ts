/** What `sparekey check` says of an identity provider: reached, safe to talk to, and its clock like ours. */
import type { ServerMetadata } from 'openid-client';
import type { Finding } from '../../kernel/plugin.ts';
import { faultOf } from './fault.ts';
import type { Provider } from './provider.ts';

const PROVES_WHO_ASKED =
  'Switch on PKCE (RFC 7636) with S256 at the provider. Some have it without announcing it; then nothing is to do.';

export async function checkProvider(name: string, provider: Provider, wanted: { acr: readonly string[] }) {
  const what = `read the metadata of ${name}`;
  let metadata: ServerMetadata;
  try {
    metadata = await provider.metadata(Date.now());
  } catch (error) {
    const fix = 'Open the issuer with /.well-known/openid-configuration behind it from this machine.';
    return [{ is: 'failed', what, cause: faultOf(error).cause, fix, key: 'issuer' } satisfies Finding];
  }
  return [{ is: 'ok', what } satisfies Finding, pkce(metadata), ...levels(metadata, wanted.acr)];
}

function pkce({ code_challenge_methods_supported: methods }: ServerMetadata): Finding {
  const what = 'PKCE with S256';
  if (methods?.includes('S256')) return { is: 'ok', what };
  const cause = methods ? `It announces ${methods.join(', ')} only.` : 'The provider does not announce it.';
  return { is: methods ? 'failed' : 'warning', what, cause, fix: PROVES_WHO_ASKED, key: 'issuer' };
}

function levels({ acr_values_supported: known }: ServerMetadata, acr: readonly string[]): Finding[] {
  const foreign = known ? acr.filter((one) => !known.includes(one)) : [];
  if (acr.length === 0) return [];
  const what = `acr ${acr.join(', ')}`;
  if (foreign.length < acr.length) return [{ is: 'ok', what }];
  const cause = `The provider announces none of them, but ${known?.join(', ') || 'none at all'}.`;
  return [{ is: 'warning', what, cause, fix: 'Take a level that the provider gives.', key: 'acr' }];
}
