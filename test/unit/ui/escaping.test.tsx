import { expect, test } from 'vitest';
import { DemoMessagePage } from '../../../src/portal/pages/demo-message-page.tsx';
import { StartPage } from '../../../src/portal/pages/start-page.tsx';
import { createTranslator } from '../../../src/text/index.ts';
import { renderPage } from '../../../src/ui/render-page.ts';
import type { ShellProps } from '../../../src/ui/shell.ts';

const hostile = `"><script>alert(1)</script>'&`;
const shell: ShellProps = {
  language: 'en',
  organisation: { name: hostile, help: { text: hostile, phone: hostile, hours: hostile } },
  path: '/',
  csrf: hostile,
  nonce: 'n',
  assets: { styles: '/s.css' },
  person: { displayName: hostile },
};
const t = createTranslator('en');

test('text of strangers stays text', () => {
  const html = renderPage(<StartPage t={t} shell={shell} identifier={hostile} error="missing" />);
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('value=""');
});

test('only web addresses of a mail become links', () => {
  const message = {
    id: 'x',
    to: hostile,
    subject: hostile,
    at: 0,
    text: `javascript:alert(1) ${hostile} https://a.example/b#c`,
  };
  const html = renderPage(<DemoMessagePage t={t} shell={shell} message={message} />);
  expect(html).not.toContain('href="javascript:');
  expect(html).not.toContain('<script>');
  expect(html).toContain('href="https://a.example/b#c"');
});
