import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { recall, remember } from '../theme/theme';

const key = 'dokuei.panel';
const least = 320;

function most(): number {
  return Math.max(least, Math.min(900, innerWidth - 560));
}
function clamp(w: number): number {
  return Math.max(least, Math.min(most(), w));
}

/** The edge between picture and report, to drag or to move by arrow keys. */
export function Splitter() {
  const ref = useRef<HTMLDivElement>(null);
  const width = useRef(Number(recall(key)) || 440);
  const set = (w: number) => {
    width.current = clamp(w);
    ref.current?.parentElement?.style.setProperty('--panel-width', `${width.current}px`);
    ref.current?.setAttribute('aria-valuenow', String(width.current));
  };
  useEffect(() => {
    set(width.current);
    const again = () => set(width.current);
    addEventListener('resize', again);
    return () => removeEventListener('resize', again);
  }, []);
  return (
    <div
      ref={ref}
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('panel.resize')}
      aria-valuemin={least}
      aria-valuemax={900}
      onPointerDown={(e) => {
        e.preventDefault();
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && set(innerWidth - e.clientX)}
      onPointerUp={() => remember(key, String(width.current))}
      onKeyDown={(e) => {
        const step = e.key === 'ArrowLeft' ? 24 : e.key === 'ArrowRight' ? -24 : 0;
        if (!step) return;
        e.preventDefault();
        e.stopPropagation();
        set(width.current + step);
        remember(key, String(width.current));
      }}
    />
  );
}
