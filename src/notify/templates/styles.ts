/** How a mail looks: the portal's colours as literals, because mail programs know no custom properties. */

const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Noto Sans Arabic,sans-serif';

export const styles = {
  preview: 'display:none;max-height:0;overflow:hidden;opacity:0;mso-hide:all',
  body: 'margin:0;padding:0;background:#f5f4f0;-webkit-text-size-adjust:100%',
  paper: `background:#f5f4f0;color:#1b2330;padding:24px 12px;${font};font-size:17px;line-height:1.5`,
  column: 'max-width:480px;margin:0 auto;text-align:start',
  organisation: 'margin:0 0 12px;padding:0 8px;font-weight:600;overflow-wrap:anywhere',
  card: 'background:#ffffff;border:1px solid #dcdad3;border-radius:18px;padding:26px 22px;overflow-wrap:anywhere',
  title: 'margin:0 0 14px;font-size:25px;line-height:1.2;font-weight:680;letter-spacing:-0.01em;color:#1b2330',
  text: 'margin:0 0 14px',
  codeBox: 'margin:20px 0;padding:16px 12px;background:#e4f1ee;border-radius:14px;text-align:center',
  codeLabel: 'font-size:15px;color:#566072',
  code: 'margin:2px 0 6px;font-size:32px;line-height:1.25;font-weight:650;letter-spacing:0.08em;color:#084c40;white-space:nowrap;font-variant-numeric:tabular-nums',
  codeHalf: 'margin-left:0.35em',
  note: 'margin:0;font-size:15px;color:#566072',
  buttonBox: 'margin:20px 0;text-align:center',
  button:
    'display:block;margin:0 0 8px;padding:14px 18px;background:#0b6656;color:#ffffff;border-radius:14px;font-weight:640;text-decoration:none',
  facts: 'margin:20px 0;padding:14px 0 0;border-top:1px solid #dcdad3',
  fact: 'margin:0 0 10px',
  label: 'font-size:15px;color:#566072',
  alarm: 'margin:20px 0 0;padding:14px 16px;background:#fbeae8;border-radius:14px;color:#1b2330',
  calm: 'margin:20px 0 0;padding:14px 16px;background:#f5f4f0;border-radius:14px;color:#1b2330',
  notYouTitle: 'margin:0 0 4px;font-size:17px;line-height:1.4;font-weight:650',
  notYouText: 'margin:0',
  stop: 'margin:12px 0 0',
  stopLink: 'color:#084c40;font-weight:650',
  footer: 'padding:18px 8px 0;font-size:15px;color:#566072;overflow-wrap:anywhere',
  footerLine: 'margin:0 0 12px',
  footerTitle: 'color:#1b2330;font-weight:600',
} as const;

/** No quotes and no angle brackets: the renderer would escape them. */
export const darkStyles = [
  ':root{color-scheme:light dark}',
  '@media (prefers-color-scheme:dark){',
  '.paper{background:#0f1418!important;color:#eef2f5!important}',
  '.card{background:#182027!important;border-color:#2f3b45!important}',
  '.ink{color:#eef2f5!important}.soft,.soft bdi{color:#a9b4c0!important}',
  '.line{border-color:#2f3b45!important}',
  '.wash{background:#17342f!important}.strong{color:#9ae7d6!important}',
  '.button{background:#6fd6c0!important;color:#06231d!important}',
  '.calm{background:#0f1418!important;color:#eef2f5!important}',
  '.alarm{background:#3a1f1c!important;color:#eef2f5!important}',
  '}',
].join('');
