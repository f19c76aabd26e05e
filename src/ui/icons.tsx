/** Our symbols: inline, drawn with the colour of the text beside them, hidden from screen readers. */
import type { ComponentChildren, JSX } from 'preact';

export type Icon = () => JSX.Element;

const symbol =
  (shape: ComponentChildren): Icon =>
  () => (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {shape}
    </svg>
  );

export const KeyIcon = symbol(
  <>
    <circle cx="8" cy="15" r="5" />
    <path d="m11.6 11.4 8.4-8.4M17 6l3 3M14.5 8.5l2 2" />
  </>,
);
export const MailIcon = symbol(
  <>
    <rect x="3" y="5" width="18" height="14" rx="3" />
    <path d="m4 8 8 5.5L20 8" />
  </>,
);
export const AppIcon = symbol(
  <>
    <rect x="6" y="2.5" width="12" height="19" rx="3" />
    <path d="m9.5 12 2 2 3.5-4" />
  </>,
);
export const SheetIcon = symbol(
  <>
    <rect x="4" y="3" width="16" height="18" rx="3" />
    <path d="M8 8h8M8 12h8M8 16h5" />
  </>,
);
export const TickIcon = symbol(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const CrossIcon = symbol(<path d="m6 6 12 12M18 6 6 18" />);
export const DotIcon = symbol(<circle cx="12" cy="12" r="6" />);
export const WaitIcon = symbol(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3 2" />
  </>,
);
export const StopIcon = symbol(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7.5v5.5M12 16.5h.01" />
  </>,
);
export const PersonIcon = symbol(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5" />
  </>,
);
