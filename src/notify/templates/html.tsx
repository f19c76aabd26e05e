/**
 * The HTML of a mail: one column, no table, no image, nothing loaded from anywhere. Styles are inline, because many mail
 * programs drop the rest; the style element only adds the dark look where it is understood. Preact escapes every value.
 */
import { renderToString } from 'preact-render-to-string';
import type { Direction, Language } from '../../text/index.ts';
import type { MailContent } from './content.ts';
import type { MailFooter } from './footer.ts';
import { darkStyles, styles } from './styles.ts';

interface MailProps {
  mail: MailContent;
  footer: MailFooter;
  language: Language;
  direction: Direction;
}

/** Shown beside the subject in a list of mails and on locked phones; the filler keeps the code out of that line. */
const Preview = ({ text }: { text: string }) => (
  <div style={styles.preview} aria-hidden="true">
    {text}
    {'\u00a0\u200c'.repeat(120)}
  </div>
);

/** Grouped for the eye by a margin, so that a copy holds only digits. */
const Code = ({ code }: { code: NonNullable<MailContent['code']> }) => {
  const half = Math.ceil(code.digits.length / 2);
  return (
    <div class="wash" style={styles.codeBox}>
      <div class="soft" style={styles.codeLabel}>
        {code.label}
      </div>
      <div class="strong" style={styles.code} dir="ltr">
        <span>{code.digits.slice(0, half)}</span>
        <span style={styles.codeHalf}>{code.digits.slice(half)}</span>
      </div>
      <div class="soft" style={styles.note}>
        {code.note}
      </div>
    </div>
  );
};

const Button = ({ button }: { button: NonNullable<MailContent['button']> }) => (
  <div style={styles.buttonBox}>
    <a class="button" style={styles.button} href={button.href}>
      {button.label}
    </a>
    <p class="soft" style={styles.note}>
      {button.note}
    </p>
  </div>
);

const Facts = ({ facts }: { facts: MailContent['facts'] }) => (
  <div class="line" style={styles.facts}>
    {facts.map(([label, value]) => (
      <p key={label} style={styles.fact}>
        <span class="soft" style={styles.label}>
          {label}
        </span>
        <br />
        <bdi>{value}</bdi>
      </p>
    ))}
  </div>
);

const Mail = ({ mail, footer, language, direction }: MailProps) => (
  <html lang={language} dir={direction}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <title>{mail.subject}</title>
      <style>{darkStyles}</style>
    </head>
    <body class="paper" style={styles.body}>
      <Preview text={mail.lead} />
      <div class="paper" style={styles.paper} lang={language} dir={direction}>
        <div style={styles.column}>
          <p class="ink" style={styles.organisation}>
            {footer.organisation}
          </p>
          <div class="card" style={styles.card}>
            <h1 class="ink" style={styles.title}>
              {mail.title}
            </h1>
            <p style={styles.text}>{mail.greeting}</p>
            <p style={styles.text}>{mail.lead}</p>
            {mail.code ? <Code code={mail.code} /> : null}
            {mail.button ? <Button button={mail.button} /> : null}
            <Facts facts={mail.facts} />
            <div class={mail.notYou.tone} style={styles[mail.notYou.tone]}>
              <h2 style={styles.notYouTitle}>{mail.notYou.title}</h2>
              <p style={styles.notYouText}>{mail.notYou.text}</p>
              {mail.notYou.stop && (
                <p style={styles.stop}>
                  <a class="strong" style={styles.stopLink} href={mail.notYou.stop.href}>
                    {mail.notYou.stop.label}
                  </a>
                  <br />
                  {mail.notYou.stop.note}
                </p>
              )}
            </div>
          </div>
          <div class="soft" style={styles.footer}>
            <p style={styles.footerLine}>
              <b class="ink" style={styles.footerTitle}>
                {footer.title}
              </b>
              {footer.contact.map((line) => (
                <span key={line}>
                  <br />
                  <bdi>{line}</bdi>
                </span>
              ))}
            </p>
            <p style={styles.footerLine}>{footer.promise}</p>
          </div>
        </div>
      </div>
    </body>
  </html>
);

export const mailHtml = (props: MailProps): string => `<!doctype html>${renderToString(<Mail {...props} />)}`;
