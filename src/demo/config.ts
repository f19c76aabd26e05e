/**
 * The demo's configuration: the defaults of production, every way to verify, and an inbox, a phone and an identity provider
 * of its own instead of real ones. Questions and facts are asked in addition (`also`), as production does it by default.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { renderProblems } from '../config/problem.ts';
import { registries, type SparekeyConfig } from '../registries.ts';
import type { SparekeyLayers } from '../settings-in-force.ts';
import { DEMO_CLIENT, issuerOf } from './idp.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const EVERYWHERE = ['0.0.0.0', '::'];

const WAYS = ['email', 'totp', 'passkey', 'recovery-code', 'sms', 'voice', 'contact-approval', 'helper-pass'];
/** Numbers of nobody: whatever a visitor types is kept on the page of the phone. */
const COUNTRIES = 'DE,AT,CH,GB,IE,US,CA,FR,ES,IT,NL,BE,PL,CZ,SE,NO,DK,FI,PT,GR,TR,EG,SA,AE,JO,MA,TN,IN,AU,NZ,ZA,BR,JP';

const rules = (methods: readonly string[]) => [
  { name: 'students', groups: ['students'], methods, also: ['directory-facts'] },
  { name: 'library', groups: ['library'], methods, also: ['questions'] },
];
const ROLES = [
  { name: 'IT', groups: ['operators'], role: 'operator' },
  { name: 'Help desk', groups: ['helpdesk'], role: 'helper' },
  { name: 'Revision', groups: ['auditors'], role: 'auditor' },
];
const FACTS = [
  {
    name: 'card',
    attribute: 'cardNumber',
    kind: 'digits',
    label: {
      en: 'Number on your student card',
      de: 'Nummer auf dem Studierendenausweis',
      ar: 'الرقم على بطاقة الطالب',
    },
  },
];

export interface DemoPlace {
  folder: string;
  host: string;
  port: number;
}

export const demoConfig = (place: DemoPlace): SparekeyConfig => demoLayers(place).config;

export function demoLayers({ folder, host, port }: DemoPlace): SparekeyLayers {
  const local = LOOPBACK.includes(host);
  const own = `http://localhost:${port}`;
  // Its provider answers on this computer only, so nobody else is sent there.
  const methods = local ? [...WAYS, 'oidc'] : WAYS;
  const loaded = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: own,
      SPAREKEY_LISTEN_PORT: String(port),
      SPAREKEY_ORGANISATION_NAME: 'Northfield College',
      SPAREKEY_ORGANISATION_TIME_ZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
      SPAREKEY_ORGANISATION_HELP_TEXT: 'IT help desk, room 12',
      SPAREKEY_ORGANISATION_HELP_PHONE: '555 0100',
      SPAREKEY_ORGANISATION_HELP_HOURS: 'Mon–Fri 8–17',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_DIRECTORY_PROTECTED_GROUPS: 'administrators',
      SPAREKEY_MAIL_TYPE: 'demo-inbox',
      SPAREKEY_MAIL_FROM: 'IT Northfield <it@northfield.example>',
      SPAREKEY_TEXTS_SENDERS: '[{type: demo-phone}]',
      SPAREKEY_TEXTS_COUNTRIES: COUNTRIES,
      SPAREKEY_CALLS_TYPE: 'demo-phone',
      SPAREKEY_POLICY_RECOVERY_METHODS: methods.join(),
      SPAREKEY_POLICY_GROUPS: JSON.stringify(rules(methods)),
      SPAREKEY_CONSOLE_ROLES: JSON.stringify(ROLES),
      SPAREKEY_METHODS_DIRECTORY_FACTS_FACTS: JSON.stringify(FACTS),
      SPAREKEY_METHODS_CONTACT_APPROVAL_MANAGER_ATTRIBUTE: 'manager',
      ...(local
        ? {
            SPAREKEY_METHODS_OIDC_NAME: 'Demo ID',
            SPAREKEY_METHODS_OIDC_ISSUER: issuerOf(own),
            SPAREKEY_METHODS_OIDC_CLIENT_ID: DEMO_CLIENT.id,
            SPAREKEY_METHODS_OIDC_CLIENT_SECRET: DEMO_CLIENT.secret,
            SPAREKEY_METHODS_OIDC_SCOPES: 'openid,email',
          }
        : {}),
      SPAREKEY_STORAGE_ENGINE: 'sqlite',
      SPAREKEY_STORAGE_FILE: join(folder, 'sparekey.sqlite'),
      SPAREKEY_KEYS_FILE: join(folder, 'keys.json'),
    },
    registries,
  });
  if (loaded.is === 'invalid') throw new Error(renderProblems(loaded.problems));
  if (local) return loaded;
  // Asked for explicitly: made-up people only, so plain http on a network does no harm here. Production refuses it.
  const name = EVERYWHERE.includes(host) ? hostname() : host;
  const shown = (config: SparekeyConfig): SparekeyConfig => ({
    ...config,
    publicUrl: `http://${name}:${port}`,
    listen: { ...config.listen, host },
  });
  return {
    ...loaded,
    config: shown(loaded.config),
    over(values, version) {
      const over = loaded.over(values, version);
      return over.is === 'ok' ? { ...over, config: shown(over.config) } : over;
    },
  };
}
