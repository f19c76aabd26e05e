/** A short message in a coloured frame; the words carry the meaning, the colour only repeats it. */
import type { ComponentChildren } from 'preact';

export interface NoticeProps {
  tone?: 'plain' | 'wait' | 'bad';
  title?: string | undefined;
  /** Announced without moving the focus: for news, not for what always stands there. */
  news?: boolean;
  children?: ComponentChildren;
}

export const Notice = ({ tone = 'plain', title, news, children }: NoticeProps) => (
  <div class={tone === 'plain' ? 'note' : `note ${tone}`} role={news ? 'status' : undefined}>
    {title && (
      <p>
        <strong>{title}</strong>
      </p>
    )}
    {children}
  </div>
);
