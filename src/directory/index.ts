/** The directories that Sparekey can speak to. A new one is one file and one line here. */
import { activeDirectory } from './active-directory.ts';
import { builtinDirectory } from './builtin.ts';
import { openldap } from './openldap.ts';

export const directories = [builtinDirectory, openldap, activeDirectory] as const;
