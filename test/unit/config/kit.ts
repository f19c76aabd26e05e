/** A configuration in a throw-away folder, with small plug-ins of known shape. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { Duration } from '../../../src/kernel/setting.ts';

const closed = { additionalProperties: false };

export const registries = {
  directories: {
    builtin: { id: 'builtin', summary: 'Built in.', configSchema: Type.Object({}, closed) },
    openldap: {
      id: 'openldap',
      summary: 'OpenLDAP.',
      configSchema: Type.Object(
        {
          url: Type.String({ pattern: '^ldaps://', examples: ['ldaps://ldap.example.org'] }),
          bindDn: Type.String({ minLength: 1 }),
          bindPassword: Type.String({ minLength: 1, secret: true }),
          caFile: Type.Optional(Type.String()),
        },
        closed,
      ),
    },
  },
  notifiers: [
    {
      id: 'smtp',
      summary: 'SMTP.',
      configSchema: Type.Object({ host: Type.String(), port: Type.Integer({ default: 587 }) }, closed),
    },
  ],
  methods: {
    email: {
      id: 'email',
      summary: 'Mail.',
      configSchema: Type.Object({
        lifetime: Duration({
          default: '10 min',
          duration: { min: '5 min', max: '24 h' },
          description: 'Life of a code.',
        }),
      }),
    },
    totp: { id: 'totp', summary: 'App.', configSchema: Type.Object({}) },
    passkey: {
      id: 'passkey',
      summary: 'Passkey.',
      configSchema: Type.Object({
        rpId: Type.Optional(Type.String({ description: 'Domain.', examples: ['example.org'] })),
      }),
    },
    'recovery-code': { id: 'recovery-code', summary: 'Saved codes.', configSchema: Type.Object({}) },
    questions: {
      id: 'questions',
      summary: 'Questions.',
      configSchema: Type.Object({ countsAsGate: Type.Optional(Type.Literal('i-know', { description: 'Counts.' })) }),
    },
  },
  textNotifiers: [],
  voiceNotifiers: [],
  connectors: [],
  languages: ['en', 'de', 'ar'],
} as const;

export function folder(files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'sparekey-config-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text, { mode: 0o600 });
  }
  return path;
}

/** The least that works. */
export const SMALL = `publicUrl: https://reset.example.org
listen: { trustedProxies: [127.0.0.1] }
organisation: { name: Example }
directory: { type: builtin }
mail: { type: smtp, host: mail.example.org, from: it@example.org }
`;

export const LDAP = SMALL.replace(
  '{ type: builtin }',
  '{ type: openldap, url: "ldaps://ldap.example.org", bindDn: cn=sspr, bindPasswordFile: bind }',
);

export function load(yaml: string, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const home = folder({ ...files, 'sparekey.yaml': yaml });
  return loadConfig({ file: join(home, 'sparekey.yaml'), env, registries });
}

export function loadOk(yaml: string, env?: Record<string, string>, files?: Record<string, string>) {
  const loaded = load(yaml, env, files);
  if (loaded.is === 'invalid') throw new Error(loaded.problems.map(({ path, what }) => `${path} ${what}`).join('\n'));
  return loaded;
}

/** `path: what` of every problem, with the line of the file before it. */
export function problemsOf(yaml: string, env?: Record<string, string>, files?: Record<string, string>): string[] {
  const loaded = load(yaml, env, files);
  if (loaded.is === 'ok') return [];
  return loaded.problems.map(({ at, path, what, fix = '' }) => {
    const line = at?.is === 'file' ? `${at.line}:${at.column}` : at?.is === 'environment' ? at.name : '?';
    return `${line} ${path} ${what} ${fix}`.trim();
  });
}
