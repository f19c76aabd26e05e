/** A QR code as one SVG path: no style attribute, no image request, dark on white in every theme. */
import { encode } from 'uqr';

const QUIET_ZONE = 4;

export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const edge = size + 2 * QUIET_ZONE;
  // One stroke per run of dark squares keeps the page small.
  const path = data
    .flatMap((row, y) =>
      [
        ...row
          .map((dark) => (dark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ].map(({ index, 0: run }) => `M${index + QUIET_ZONE} ${y + QUIET_ZONE}h${run.length}v1h-${run.length}z`),
    )
    .join('');
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${edge} ${edge}`} role="img" aria-label={label}>
        <path d={path} />
      </svg>
    </div>
  );
};
