// The Debian packages that the tests start real servers and a real browser from. `npm test` installs what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

export const PACKAGES = [
  '389-ds-base',
  'baresip-core',
  'chromium',
  'espeak-ng',
  'fonts-noto-core',
  'haproxy',
  'iproute2',
  'kannel',
  'kannel-extras',
  'krb5-admin-server',
  'krb5-kdc',
  'krb5-user',
  'ldap-utils',
  'ldb-tools',
  'mariadb-server',
  'openssl',
  'postgresql-15',
  'samba',
  'samba-ad-dc',
  'samba-ad-provision',
  'samba-dsdb-modules',
  'samba-vfs-modules',
  'slapd',
  'slapd-contrib',
  'sox',
  'winbind',
];

const POLICY = '/usr/sbin/policy-rc.d';

const installed = (name) => {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '$'.concat('{db:Status-Status}'), name], { encoding: 'utf8' });
  return asked.stdout === 'installed';
};

export function installDebianPackages(say) {
  const missing = PACKAGES.filter((name) => !installed(name));
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (!existsSync('/usr/bin/apt-get') || (!root && !sudo)) {
    say(`The tests start real servers and need these Debian packages: ${missing.join(' ')}.`);
    process.exit(1);
  }
  say(`Installing Debian packages for the tests: ${missing.join(' ')} …`);
  // Without this, the packages would start their daemons on 389, 445, 5432 …
  const guard = root && !existsSync(POLICY);
  if (guard) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const apt = (...args) =>
    spawnSync(
      root ? 'apt-get' : 'sudo',
      [
        ...(root ? [] : ['-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']),
        '-q',
        '-o',
        'DPkg::Lock::Timeout=600',
        ...args,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      },
    ).status;
  try {
    apt('update');
    if (apt('install', '-y', '--no-install-recommends', ...missing) !== 0) {
      say(`apt-get could not install: ${missing.join(' ')}. Install them and try again.`);
      process.exit(1);
    }
  } finally {
    if (guard) rmSync(POLICY);
  }
}
