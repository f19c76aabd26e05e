/** Asks a SCIM server what it can (RFC 7643 §5) and looks somebody up who is not there: address, rights and filter are tried. */
import type { Finding } from '../../kernel/plugin.ts';
import type { Api } from '../http/api.ts';
import { deadlineIn } from '../http/deadline.ts';
import { asObject } from '../http/json.ts';
import { asFinding } from '../http/trouble.ts';

const NOBODY = 'sparekey-check-nobody';
const HEADERS = { Accept: 'application/scim+json' };

async function abilities(api: Api, timeout: number): Promise<Finding[]> {
  const what = 'read what the server supports';
  const reply = await api.ask({ method: 'GET', path: '/ServiceProviderConfig', headers: HEADERS }, deadlineIn(timeout));
  if (reply.is === 'trouble') return [asFinding(what, reply.trouble)];
  const config = asObject(reply.body);
  if (reply.status !== 200 || config === undefined) {
    const cause = `There is no /ServiceProviderConfig (status ${reply.status}).`;
    return [{ is: 'warning', what, cause, fix: 'Check that url is the address of a SCIM 2.0 service.', key: 'url' }];
  }
  const supports = (name: string): boolean => asObject(config[name])?.['supported'] === true;
  const missing = ['patch', 'filter'].filter((name) => !supports(name));
  if (missing.length > 0) {
    const cause = `The server says that it does not support ${missing.join(' and ')}.`;
    return [{ is: 'failed', what, cause, fix: 'Without it no password can be brought here.', key: 'url' }];
  }
  if (!supports('changePassword')) {
    const cause = 'The server says that it does not support changePassword.';
    return [{ is: 'warning', what, cause, fix: 'Try it with the canary; ask its maker if it fails.', key: 'url' }];
  }
  return [{ is: 'ok', what }];
}

async function search(api: Api, timeout: number, lookup: string, key: string): Promise<Finding> {
  const what = `look an account up by ${lookup}`;
  const query = { filter: `${lookup} eq "${NOBODY}"`, attributes: 'userName', count: '1' };
  const reply = await api.ask({ method: 'GET', path: '/Users', query, headers: HEADERS }, deadlineIn(timeout));
  if (reply.is === 'trouble') return asFinding(what, reply.trouble);
  if (reply.status === 200 && Number(asObject(reply.body)?.['totalResults']) === 0) return { is: 'ok', what };
  if (reply.status === 200) {
    const cause = 'The server found somebody who can not be there: it seems to ignore filters.';
    return { is: 'failed', what, cause, fix: 'Choose an attribute that it can filter by.', key: 'lookup' };
  }
  if (reply.status === 403)
    return { is: 'failed', what, cause: 'We may not read users.', fix: 'Give this client the right.', key };
  const cause = `The search was refused (status ${reply.status}).`;
  return { is: 'failed', what, cause, fix: 'Choose an attribute that it can filter by.', key: 'lookup' };
}

export async function checkScim(api: Api, timeout: number, lookup: string, key: string): Promise<Finding[]> {
  const able = await abilities(api, timeout);
  return able.some(({ is }) => is === 'failed') ? able : [...able, await search(api, timeout, lookup, key)];
}
