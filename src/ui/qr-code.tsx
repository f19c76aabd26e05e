/** A QR code as one SVG path: no style attribute, no image request, dark on white in every theme. */
import { encode } from 'uqr';

const QUIET_ZONE = 4;

export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const edge = size + 2 * QUIET_ZONE;
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z` : '')))
    .join('');
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${edge} ${edge}`} role="img" aria-label={label}>
        <path d={path} />
      </svg>
    </div>
  );
};
