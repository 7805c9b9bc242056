import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import type { Stage } from './stage';
import type { Viewer } from './viewer';

/** The place in the stack, to drag. */
export function Track({ stage, viewer }: { stage: Stage; viewer: Viewer }) {
  const ref = useRef<HTMLDivElement>(null);
  const n = viewer.slots.value.length;
  if (n < 2) return null;
  const i = viewer.index.value;
  const go = (e: PointerEvent) => {
    const r = ref.current!.getBoundingClientRect();
    stage.goTo(Math.round(((e.clientY - r.top) / r.height) * (n - 1)), viewer);
  };
  return (
    <div
      class="track"
      ref={ref}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('image.slice')}
      aria-valuemin={1}
      aria-valuemax={n}
      aria-valuenow={i + 1}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        go(e);
      }}
      onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && go(e)}
    >
      <span class="track-thumb" style={{ top: `${(i / (n - 1)) * 100}%` }} />
    </div>
  );
}
