/** Every portal page in every state that looks different, with made-up people. Rendered by gallery.ts. */
import type { VNode } from 'preact';
import { AddMethodPage } from '../src/portal/pages/add-method-page.tsx';
import { ChangeDonePage } from '../src/portal/pages/change-done-page.tsx';
import { ChangePage } from '../src/portal/pages/change-page.tsx';
import { ChooseMethodPage } from '../src/portal/pages/choose-method-page.tsx';
import { DemoInboxPage } from '../src/portal/pages/demo-inbox-page.tsx';
import { DemoMessagePage } from '../src/portal/pages/demo-message-page.tsx';
import { DemoPage } from '../src/portal/pages/demo-page.tsx';
import { DonePage } from '../src/portal/pages/done-page.tsx';
import { EmailLinkPage } from '../src/portal/pages/email-link-page.tsx';
import { EnrolAddressPage } from '../src/portal/pages/enrol-address-page.tsx';
import { EnrolCodesPage } from '../src/portal/pages/enrol-codes-page.tsx';
import { EnrolConfirmCodePage } from '../src/portal/pages/enrol-confirm-code-page.tsx';
import { EnrolTotpPage } from '../src/portal/pages/enrol-totp-page.tsx';
import { EnterCodePage } from '../src/portal/pages/enter-code-page.tsx';
import { ErrorPage, type ErrorStatus } from '../src/portal/pages/error-page.tsx';
import { NewPasswordPage } from '../src/portal/pages/new-password-page.tsx';
import { type BlockedWhy, type Outcome, OutcomePage } from '../src/portal/pages/outcome-page.tsx';
import { RemovePage } from '../src/portal/pages/remove-page.tsx';
import { type JudgedRule, ruleView } from '../src/portal/pages/rule-view.ts';
import { SafetyPage } from '../src/portal/pages/safety-page.tsx';
import { SignInPage } from '../src/portal/pages/sign-in-page.tsx';
import { StartPage } from '../src/portal/pages/start-page.tsx';
import { createTranslator, type Language } from '../src/text/index.ts';
import { assets } from '../src/ui/assets.ts';
import { renderPage } from '../src/ui/render-page.ts';
import type { ShellProps } from '../src/ui/shell.ts';

export { assets, renderPage };

const NOW = Date.UTC(2026, 5, 3, 12, 5);

const names: Record<Language, { organisation: string; help: string; hours: string; person: string; first: string }> = {
  en: {
    organisation: 'Northfield College',
    help: 'IT help desk, room 12',
    hours: 'Mon–Fri 8–17',
    person: 'Amina Khan',
    first: 'Amina',
  },
  de: {
    organisation: 'Gymnasium Nordfeld',
    help: 'IT-Hilfe, Raum 12',
    hours: 'Mo–Fr 8–17 Uhr',
    person: 'Amina Khan',
    first: 'Amina',
  },
  ar: {
    organisation: 'كلية نورثفيلد',
    help: 'مكتب المساعدة التقنية، الغرفة 12',
    hours: 'الأحد–الخميس 8–17',
    person: 'أمينة خان',
    first: 'أمينة',
  },
};

const codes = [
  '7KQ2-9M4T-XW3H-PB8D-5RVN',
  '2FJY-C6ZE-0A9S-KT4Q-M1GX',
  'VH8B-3DNR-7PW5-6YEC-QZ2K',
  'T4XM-KA1J-9SGF-B0HV-8CD3',
  'P6ZQ-W2RY-E5N7-3TKB-XJ9M',
  '9CGA-HV4D-1MSF-Q8XP-Z0TW',
  'B3YE-7RK6-NJ2C-5DGH-V9QA',
  'M8SW-X0PT-4FZB-YK1E-7R3N',
  'D5HJ-6QVC-A2GX-9WMS-T4PK',
  'Z1RN-E8YB-K3CF-0HTD-6VJQ',
];

const judged: JudgedRule[] = [
  { id: 'min-length', state: 'open', fromDirectory: false, value: 15 },
  { id: 'common', state: 'open', fromDirectory: false },
  { id: 'context', state: 'open', fromDirectory: false },
  { id: 'personal', state: 'open', fromDirectory: false },
  { id: 'complexity', state: 'open', fromDirectory: true },
  { id: 'history', state: 'open', fromDirectory: true, value: 5 },
];

export function states(language: Language, options: { demo?: boolean } = {}): Record<string, VNode> {
  const t = createTranslator(language);
  const made = names[language];
  const shell: ShellProps = {
    language,
    organisation: { name: made.organisation, help: { text: made.help, phone: '555 0100', hours: made.hours } },
    path: '/',
    csrf: 'csrf-token',
    nonce: 'bm9uY2U',
    assets: { styles: assets.styles.path, script: assets.script?.path },
    timeZone: 'Europe/Berlin',
    ...options,
  };
  const inside: ShellProps = { ...shell, person: { displayName: made.person } };
  const at = (number: number) => ({ at: number, of: 3 });
  const flow = { t, shell, action: '/recover/step', step: 'abc', cancelAction: '/recover/cancel' };
  const bind = { t, shell: inside, action: '/ways/step', step: 'abc', cancelAction: '/ways/cancel' };
  const email = { ...flow, method: 'email', alphabet: 'digits', length: 8, anotherAction: '/recover/another' } as const;
  const rules = judged.map((rule) => ruleView(t, rule));
  const halfway = judged.map((rule, index) =>
    ruleView(t, { ...rule, state: (['ok', 'ok', 'no', 'ok', 'no', 'open'] as const)[index] ?? 'open' }),
  );
  const password = {
    ...flow,
    progress: at(3),
    username: 'amina',
    rules,
    rulesUrl: '/recover/password/rules',
    minLength: 15,
    maxLength: 128,
  };
  const uri =
    'otpauth://totp/Northfield%20College:amina?issuer=Northfield%20College&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';

  const outcomes: Outcome[] = [
    { is: 'expired' },
    { is: 'cancelled' },
    { is: 'not-enough-ways' },
    { is: 'directory-unavailable' },
    { is: 'too-many', seconds: 1500 },
    { is: 'unknown-result', signInUrl: 'https://northfield.example' },
    { is: 'one-moment', path: '/nowhere' },
    ...(
      [
        'disabled',
        'account-expired',
        'protected',
        'cannot-change-password',
        'minimum-age',
        'admin-locked',
        'missing-right',
      ] satisfies BlockedWhy[]
    ).map((why): Outcome => ({ is: 'blocked', why, until: why === 'minimum-age' ? NOW + 86_400_000 : undefined })),
  ];
  const statuses: ErrorStatus[] = [400, 403, 404, 405, 413, 415, 429, 500, 503];

  return {
    start: <StartPage t={t} shell={shell} />,
    'start-missing': <StartPage t={t} shell={shell} error="missing" />,
    'choose-first': (
      <ChooseMethodPage
        {...flow}
        progress={at(1)}
        gate="first"
        methods={[{ id: 'email' }, { id: 'totp' }, { id: 'recovery-code' }]}
        noneAction="/x"
      />
    ),
    'choose-later': (
      <ChooseMethodPage
        {...flow}
        progress={at(2)}
        gate="later"
        methods={[{ id: 'totp' }, { id: 'recovery-code', hint: t('ways.codes-left', { n: 7 }) }]}
        noneAction="/x"
        error="missing"
      />
    ),
    'code-email': <EnterCodePage {...email} progress={at(1)} resend={{ action: '/x', inSeconds: 42 }} />,
    'code-email-mismatch': (
      <EnterCodePage
        {...email}
        progress={at(1)}
        error={{ is: 'mismatch', triesLeft: 4 }}
        resend={{ action: '/x', inSeconds: 0 }}
      />
    ),
    'code-email-resent': <EnterCodePage {...email} progress={at(1)} resent resend={{ action: '/x', inSeconds: 60 }} />,
    'code-email-expired': (
      <EnterCodePage {...email} progress={at(1)} error={{ is: 'expired' }} resend={{ action: '/x', inSeconds: 0 }} />
    ),
    'code-email-practice': <EnterCodePage {...email} {...bind} sentTo="a•••@home.example" progress={at(1)} practice />,
    'code-totp': <EnterCodePage {...email} method="totp" length={6} progress={at(2)} />,
    'code-totp-wait': (
      <EnterCodePage {...email} method="totp" length={6} progress={at(2)} error={{ is: 'wait', seconds: 60 }} />
    ),
    'code-saved': <EnterCodePage {...email} method="recovery-code" alphabet="crockford" length={20} progress={at(2)} />,
    'code-saved-missing': (
      <EnterCodePage
        {...email}
        method="recovery-code"
        alphabet="crockford"
        length={20}
        progress={at(2)}
        error={{ is: 'missing' }}
      />
    ),
    password: <NewPasswordPage {...password} />,
    'password-refused': (
      <NewPasswordPage
        {...password}
        rules={halfway}
        error={{ is: 'refused', refusals: [{ id: 'complexity' }, { id: 'context' }] }}
      />
    ),
    'password-differ': <NewPasswordPage {...password} error={{ is: 'differ' }} />,
    'password-practice': <NewPasswordPage {...password} shell={inside} practice />,
    done: (
      <DonePage
        t={t}
        shell={shell}
        name={made.first}
        told={['a•••@northfield.example', 'k•••@home.example']}
        signInUrl="https://x.example"
      />
    ),
    'done-code': (
      <DonePage
        t={t}
        shell={shell}
        name={made.first}
        told={['a•••@northfield.example']}
        replacementCode={codes[0] as string}
        signInUrl="https://x.example"
      />
    ),
    'done-practice': <DonePage t={t} shell={inside} name={made.first} told={[]} practice />,
    ...Object.fromEntries(
      outcomes.map((outcome) => [
        `outcome-${outcome.is === 'blocked' ? outcome.why : outcome.is}`,
        <OutcomePage t={t} shell={shell} outcome={outcome} />,
      ]),
    ),
    'sign-in': <SignInPage t={t} shell={shell} action="/sign-in" />,
    'sign-in-wrong': <SignInPage t={t} shell={shell} action="/sign-in" username="amina" error={{ is: 'wrong' }} />,
    'sign-in-idle': <SignInPage t={t} shell={shell} action="/sign-in" notice="idle" />,
    'sign-in-confirm': <SignInPage t={t} shell={inside} action="/sign-in" variant="confirm" username="amina" />,
    change: <ChangePage t={t} shell={shell} action="/change" variant="known" rules={rules} minLength={15} />,
    'change-expired': (
      <ChangePage
        t={t}
        shell={shell}
        action="/change"
        variant="expired"
        username="amina"
        rules={rules}
        minLength={15}
      />
    ),
    'change-must': (
      <ChangePage
        t={t}
        shell={shell}
        action="/change"
        variant="must-change"
        username="amina"
        rules={rules}
        error={{ is: 'wrong-current' }}
      />
    ),
    'change-signed-in': (
      <ChangePage
        t={t}
        shell={inside}
        action="/change"
        variant="signed-in"
        username="amina"
        rules={halfway}
        error={{ is: 'refused', refusals: [{ id: 'history' }] }}
      />
    ),
    'change-done': <ChangeDonePage t={t} shell={inside} told={['a•••@northfield.example']} />,
    'safety-none': (
      <SafetyPage
        t={t}
        shell={inside}
        ways={[]}
        gaps={['no-way']}
        notice="signed-in"
        missing={[
          { method: 'email', addUrl: '/x' },
          { method: 'totp', addUrl: '/x' },
          { method: 'recovery-code', addUrl: '/x' },
        ]}
      />
    ),
    'safety-some': (
      <SafetyPage
        t={t}
        shell={{ ...inside, idle: { seconds: 900, keepAlive: '/keep', ended: '/sign-in' } }}
        ways={[
          {
            id: '1',
            method: 'email',
            label: 'a•••@northfield.example',
            state: 'same-mailbox',
            removeUrl: '/x',
            lastUsedAt: NOW,
          },
          {
            id: '2',
            method: 'email',
            label: 'k•••@home.example',
            state: 'unconfirmed',
            confirmUrl: '/x',
            removeUrl: '/x',
          },
          { id: '3', method: 'recovery-code', state: 'ready', codesLeft: 2, removeUrl: '/x' },
        ]}
        missing={[{ method: 'totp', addUrl: '/x' }]}
        gaps={['same-mailbox', 'unconfirmed', 'few-codes']}
      />
    ),
    'safety-good': (
      <SafetyPage
        t={t}
        shell={inside}
        ways={[
          { id: '1', method: 'email', label: 'k•••@home.example', state: 'ready', removeUrl: '/x', lastUsedAt: NOW },
          { id: '2', method: 'totp', state: 'ready', removeUrl: '/x' },
          { id: '3', method: 'recovery-code', state: 'ready', codesLeft: 10, removeUrl: '/x' },
        ]}
        missing={[]}
        gaps={[]}
        notice="added"
      />
    ),
    add: <AddMethodPage {...bind} methods={['email', 'totp', 'recovery-code']} />,
    'enrol-address': <EnrolAddressPage {...bind} />,
    'enrol-address-same': <EnrolAddressPage {...bind} address="amina@northfield.example" error="same" />,
    'enrol-confirm': (
      <EnrolConfirmCodePage
        {...bind}
        address="amina.khan@home.example"
        length={8}
        resend={{ action: '/x', inSeconds: 60 }}
        changeAddressAction="/x"
      />
    ),
    'enrol-totp': <EnrolTotpPage {...bind} uri={uri} secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" length={6} />,
    'enrol-totp-mismatch': (
      <EnrolTotpPage
        {...bind}
        uri={uri}
        secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        length={6}
        error={{ is: 'mismatch' }}
      />
    ),
    'enrol-codes': (
      <EnrolCodesPage
        {...bind}
        codes={codes}
        username="amina"
        portalUrl="https://password.northfield.example"
        madeAt={NOW}
      />
    ),
    'enrol-codes-not-saved': (
      <EnrolCodesPage {...bind} codes={codes} username="amina" madeAt={NOW} replaces error="not-saved" />
    ),
    remove: <RemovePage t={t} shell={inside} action="/x" method="totp" />,
    'remove-strands': <RemovePage t={t} shell={inside} action="/x" method="email" label="k•••@home.example" strands />,
    ...Object.fromEntries(
      statuses.map((status) => [
        `error-${status}`,
        <ErrorPage t={t} shell={shell} status={status} reference="7f3c9a2e" />,
      ]),
    ),
    'email-link': <EmailLinkPage t={t} shell={shell} action="/recover/link" codeUrl="/recover" />,
    demo: (
      <DemoPage
        t={t}
        shell={{ ...shell, demo: true }}
        people={[
          {
            username: 'amina',
            displayName: 'Amina Khan',
            password: 'teapot canyon violin',
            note: 'Has an address and an app.',
            ways: ['email', 'totp'],
            currentTotp: '492 039',
          },
          {
            username: 'ben',
            displayName: 'Ben Okoro',
            password: 'silver ladder morning',
            note: 'Has saved codes too.',
            ways: ['email', 'recovery-code'],
            savedCodes: codes,
          },
          {
            username: 'carla',
            displayName: 'Carla Meyer',
            password: 'cotton river lantern',
            note: 'Has set up nothing yet.',
            ways: [],
          },
        ]}
      />
    ),
    'demo-inbox': (
      <DemoInboxPage
        t={t}
        shell={{ ...shell, demo: true }}
        messages={[
          { id: '2', to: 'amina@home.example', subject: 'Your code: 4831 9027', at: NOW },
          { id: '1', to: 'ben@home.example', subject: 'Your password was changed', at: NOW - 600_000 },
        ]}
      />
    ),
    'demo-inbox-empty': <DemoInboxPage t={t} shell={{ ...shell, demo: true }} messages={[]} />,
    'demo-message': (
      <DemoMessagePage
        t={t}
        shell={{ ...shell, demo: true }}
        htmlUrl="/frame"
        message={{
          id: '2',
          to: 'amina@home.example',
          subject: 'Your code: 4831 9027',
          at: NOW,
          text: 'Hello Amina,\n\nyour code is 4831 9027. Or open https://password.northfield.example/recover/link#token=abc\n',
        }}
      />
    ),
  };
}
