/**
 * Google Workspace through the Directory API: a service account acts for an administrator (domain-wide delegation), reads the
 * account and updates its password. Administrators are left alone. The password goes as it is inside TLS: only then can Google
 * judge its strength; a SHA-1 of it would be weaker and hide it from that check.
 */
import { type Static, Type } from 'typebox';
import { definePlugin } from '../kernel/plugin.ts';
import { SecretText } from '../kernel/setting.ts';
import type { Connector, ConnectorPorts, Delivered, Order } from './connector.ts';
import { errorOf, judgeGoogle } from './google/judge.ts';
import { googleProof } from './google/key.ts';
import { accountConnector, type Located } from './http/account-connector.ts';
import { openApi, pathPart, type Reply } from './http/api.ts';
import { type Deadline, deadlineIn } from './http/deadline.ts';
import { asObject, asText } from './http/json.ts';
import { quote } from './http/quote.ts';
import { refused } from './http/refused.ts';
import { Address, connectionSettings, protectedSetting } from './http/settings.ts';
import { openSite } from './http/site.ts';
import { tokenCredentials } from './http/token.ts';
import { asFinding, asRetry, type Trouble } from './http/trouble.ts';

const configSchema = Type.Object(
  {
    serviceAccount: SecretText({
      description: 'Content of the JSON key of the service account; usually given as serviceAccountFile.',
    }),
    subject: Type.String({
      pattern: '^[^\\s@]+@[^\\s@]+$',
      description:
        'Administrator that the service account acts for. Needs only the privileges to read and update users.',
      examples: ['sparekey@example.org'],
    }),
    url: Address({ default: 'https://admin.googleapis.com', description: 'Address of the Directory API.' }),
    loginUrl: Address({ default: 'https://oauth2.googleapis.com', description: 'Where tokens come from.' }),
    ...protectedSetting,
    ...connectionSettings,
  },
  { additionalProperties: false },
);
export type GoogleConfig = Static<typeof configSchema>;

const FIELDS = 'id,primaryEmail,isAdmin,isDelegatedAdmin,suspended';
const DELEGATE =
  'In the Admin console under Security, API controls, Domain-wide delegation, allow the client id of the service account the scope https://www.googleapis.com/auth/admin.directory.user.';

const explainToken = (error: string): Partial<Trouble> | undefined => {
  if (error === 'unauthorized_client' || error === 'access_denied' || error === 'invalid_scope')
    return {
      cause: `Google does not let the service account act for others (${error}).`,
      fix: DELEGATE,
      key: 'serviceAccount',
    };
  if (error === 'invalid_grant') {
    const fix = 'Check the key, subject (it must be an account of the domain) and the clock of this machine.';
    return { cause: 'Google does not accept the key or the subject (invalid_grant).', fix };
  }
  return undefined;
};

const updateOf = (order: Order): object =>
  order.is === 'password'
    ? { password: order.password.reveal(), changePasswordAtNextLogin: order.mustChange }
    : { changePasswordAtNextLogin: true };

async function openGoogle(config: GoogleConfig, { clock }: ConnectorPorts): Promise<Connector> {
  const { serviceAccount, subject, timeout } = config;
  const login = openSite('loginUrl', config.loginUrl, config);
  const credentials = tokenCredentials({
    site: login,
    path: '/token',
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    prove: await googleProof({ serviceAccount, subject, audience: `${login.base}/token`, clock }),
    key: 'serviceAccount',
    clock,
    explain: explainToken,
  });
  const api = openApi({ site: openSite('url', config.url, config), credentials, clock, judge: judgeGoogle });

  const read = (userKey: string, deadline: Deadline): Promise<Reply> =>
    api.ask(
      { method: 'GET', path: `/admin/directory/v1/users/${userKey}`, query: { projection: 'basic', fields: FIELDS } },
      deadline,
    );

  /** Google says 403 of a stranger's domain and of an administrator without rights: our own account tells them apart. */
  async function forbidden(deadline: Deadline): Promise<Located<string>> {
    const own = await read(encodeURIComponent(subject), deadline);
    if (own.is === 'trouble') return own;
    if (own.status === 200) return { is: 'none' };
    const cause = `Google does not let ${subject} read users (status ${own.status}).`;
    const fix = 'Give that administrator a role with the privileges Users: Read and Update.';
    return { is: 'trouble', trouble: { cause, fix, key: 'subject' } };
  }

  async function locate(link: string, deadline: Deadline): Promise<Located<string>> {
    const part = pathPart(link);
    if (part === undefined) return { is: 'none' };
    const reply = await read(part, deadline);
    if (reply.is === 'trouble') return reply;
    if (reply.status === 403) return forbidden(deadline);
    // 400: "Type not supported: userKey", for what is no address.
    if (reply.status === 404 || reply.status === 400) return { is: 'none' };
    const user = asObject(reply.body);
    const id = asText(user?.['id']);
    const name = asText(user?.['primaryEmail']);
    if (reply.status !== 200 || id === undefined || name === undefined || pathPart(id) === undefined) {
      const cause = `What answers there is not the Directory API (status ${reply.status}).`;
      return { is: 'trouble', trouble: { cause, fix: 'Correct the address.', key: 'url' } };
    }
    // An alias finds its account as well, but may wander to another person.
    if (name.toLowerCase() !== link.toLowerCase() && id !== link) return { is: 'none' };
    if (user?.['isAdmin'] === true || user?.['isDelegatedAdmin'] === true)
      return { is: 'protected', cause: 'The account is an administrator of Google Workspace.' };
    return { is: 'located', account: id, name };
  }

  async function write(id: string, order: Order, deadline: Deadline): Promise<Delivered> {
    const path = `/admin/directory/v1/users/${pathPart(id)}`;
    // Google's reference: update keeps what is not named, as patch does, and is to be used instead of it.
    const reply = await api.ask({ method: 'PUT', path, query: { fields: 'id' }, json: updateOf(order) }, deadline);
    if (reply.is === 'trouble') return asRetry(reply.trouble);
    const { status } = reply;
    if (status === 200 || status === 204) return { is: 'delivered' };
    if (status === 404) return { is: 'no-account' };
    if (status === 403) {
      const cause = `Google does not let ${subject} write this account (status 403).`;
      const fix = 'Give it Users: Update, for the organisational unit of the account too.';
      return asRetry({ cause, fix, key: 'subject', single: true });
    }
    if (status === 409 || status === 412)
      return asRetry({
        cause: `Somebody else wrote the account at the same time (status ${status}).`,
        fix: 'Nothing to do: it is tried again.',
        key: 'url',
        single: true,
      });
    const hidden = order.is === 'password' ? [order.password.reveal()] : [];
    const hint = order.is === 'password' ? 'Google takes 8 to 100 ASCII characters, and no weak ones.' : undefined;
    return refused(status, quote(errorOf(reply).message, hidden), hint);
  }

  return accountConnector<string>({
    can: { unlock: false, mustChange: true },
    timeout,
    protected: config.protected,
    locate: ({ link }, deadline) => locate(link, deadline),
    write,
    async check() {
      const findings = await api.probe(timeout);
      if (findings.some(({ is }) => is === 'failed')) return findings;
      const token = await credentials.token(deadlineIn(timeout));
      if (token.is === 'trouble') return [...findings, asFinding('get a token', token.trouble)];
      const what = `read users as ${subject}`;
      const own = await read(encodeURIComponent(subject), deadlineIn(timeout));
      const done = [...findings, { is: 'ok' as const, what: 'get a token' }];
      if (own.is === 'trouble') return [...done, asFinding(what, own.trouble)];
      if (own.status === 200) return [...done, { is: 'ok', what }];
      const fix = 'Give that administrator a role with the privileges Users: Read and Update.';
      return [...done, { is: 'failed', what, cause: `It was refused (status ${own.status}).`, fix, key: 'subject' }];
    },
  });
}

export const google = definePlugin({
  id: 'google',
  summary: 'Google Workspace, through the Directory API.',
  configSchema,
  open: openGoogle,
});
