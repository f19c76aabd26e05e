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
/** A person with a key. */
export const PasskeyIcon = symbol(
  <>
    <circle cx="9" cy="7.5" r="3.5" />
    <path d="M3 19.5c.5-4 3-6 6-6 1 0 2 .2 2.8.7" />
    <circle cx="17" cy="13" r="2.6" />
    <path d="M17 15.6V21M17 18.6h2.2" />
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
/** A door to somewhere else. */
export const ElsewhereIcon = symbol(
  <>
    <path d="M10 4H6.5A2.5 2.5 0 0 0 4 6.5v11A2.5 2.5 0 0 0 6.5 20h11a2.5 2.5 0 0 0 2.5-2.5V14" />
    <path d="M14 4h6v6M20 4l-9 9" />
  </>,
);
export const QuestionIcon = symbol(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.8h.01" />
  </>,
);
/** A text on its way. */
export const TextIcon = symbol(
  <>
    <path d="M6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-5 4v-4.1A2.5 2.5 0 0 1 4 13.5v-7A2.5 2.5 0 0 1 6.5 4z" />
    <path d="M8.5 10h.01M12 10h.01M15.5 10h.01" />
  </>,
);
export const CallIcon = symbol(
  <path d="M5 4h3.500l1.700 4.200-2.200 1.600a11 11 0 0 0 6.200 6.200l1.600-2.200L20 15.500V19a1.500 1.500 0 0 1-1.600 1.500A16 16 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4z" />,
);
export const CardIcon = symbol(
  <>
    <rect x="3" y="5" width="18" height="14" rx="3" />
    <circle cx="8.5" cy="11" r="2" />
    <path d="M5.8 15.8c.6-1.3 1.6-1.8 2.7-1.8s2.1.5 2.7 1.8M14.5 10h3.5M14.5 14h3.5" />
  </>,
);
