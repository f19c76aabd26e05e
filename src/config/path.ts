/** The names of places in the configuration: `directory.bindDn`, `policy.recovery.anyOf[0][1]`, `SPAREKEY_DIRECTORY_BIND_DN`. */

export const join = (parent: string, step: string | number): string => {
  if (typeof step === 'number') return `${parent}[${step}]`;
  return parent === '' ? step : `${parent}.${step}`;
};

/** `''` when there is none. */
export const parentOf = (path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));

export const lastStep = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

export const envName = (path: string): string =>
  `SPAREKEY_${path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[.-]/g, '_')
    .toUpperCase()}`;

/** Where a secret's file is named: `bindPassword` → `bindPasswordFile`. */
export const fileKey = (name: string): string => `${name}File`;
