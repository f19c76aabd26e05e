/** Whose page this is, the other languages as plain links, and who is signed in. */
import { languages, type Translate } from '../text/index.ts';
import { Form } from './form.tsx';
import { KeyIcon } from './icons.tsx';
import { paths } from './paths.ts';
import type { ShellProps } from './shell.ts';

export const Header = ({ t, shell, column }: { t: Translate; shell: ShellProps; column: string }) => (
  <header class="top">
    <div class={column}>
      <a class="home" href={shell.person ? paths.safety : paths.start}>
        <span class="logo">
          <KeyIcon />
        </span>
        <span>{shell.organisation.name}</span>
      </a>
      <nav class="tongues" aria-label={t('languages')}>
        {languages
          .filter(({ code }) => code !== shell.language)
          .map(({ code, name, direction }) => (
            <a key={code} href={`${shell.path}?lang=${code}`} lang={code} dir={direction} hreflang={code}>
              {name}
            </a>
          ))}
      </nav>
      {shell.person && (
        <div class="who">
          <span>{t('signed-in-as', { name: shell.person.displayName })}</span>
          <Form shell={shell} action={paths.signOut}>
            <button class="link" type="submit">
              {t('sign-out')}
            </button>
          </Form>
        </div>
      )}
    </div>
  </header>
);
