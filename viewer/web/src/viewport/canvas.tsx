import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t, tOr } from '../i18n';
import { Spinner } from '../ui/controls';
import { Icon } from '../ui/icon';
import { listen } from './gestures';
import { Corners, Letters, Scale } from './overlay';
import { Painter } from './painter';
import { Track } from './track';
import type { Viewer } from './viewer';

/** The picture itself with what is written on it. */
export function Canvas({ viewer, children }: { viewer: Viewer; children?: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<Painter | null>(null);
  const size = useSignal({ w: 0, h: 0, ratio: 1 });
  const again = useSignal(0);
  const scale = useSignal(0);

  useEffect(() => {
    const el = box.current!;
    painter.current = new Painter(canvas.current!, viewer, () => again.value++);
    const measure = () => {
      size.value = { w: el.clientWidth, h: el.clientHeight, ratio: Math.min(3, devicePixelRatio || 1) };
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    const off = listen(el, viewer, () => painter.current);
    return () => {
      off();
      watch.disconnect();
      painter.current?.stop();
      painter.current = null;
    };
  }, [viewer]);

  // Whatever the picture depends on is read here; the drawing itself waits for
  // the next frame of the screen, so that a burst of changes draws once.
  const raf = useRef(0);
  useSignalEffect(() => {
    const { w, h, ratio } = size.value;
    void [viewer.slot.value, viewer.view.value, viewer.window.value, viewer.fileWindow.value, viewer.loader.version.value, again.value];
    cancelAnimationFrame(raf.current);
    raf.current = requestAnimationFrame(() => {
      const p = painter.current;
      if (!p || w === 0 || h === 0) return;
      viewer.shown.value = p.draw(w, h, ratio);
      scale.value = p.layout?.scaleX ?? 0;
    });
  });
  useEffect(() => () => cancelAnimationFrame(raf.current), []);

  return (
    <div class="canvas" ref={box} tabIndex={0} role="application" aria-label={t('image.area')} data-tool={viewer.tool.value} data-shown={viewer.shown.value}>
      <canvas ref={canvas} aria-hidden="true" />
      <Letters viewer={viewer} />
      <Corners viewer={viewer} scale={scale.value}>
        {children}
      </Corners>
      <Scale viewer={viewer} scale={scale.value} width={size.value.w} />
      <Quality viewer={viewer} />
      <Track viewer={viewer} />
    </div>
  );
}

/** Says when what is seen is not the true picture, or why there is none. */
function Quality({ viewer }: { viewer: Viewer }) {
  const slot = viewer.slot.value;
  void viewer.loader.version.value;
  if (!slot) return <Message icon="info" text={viewer.series.value.length ? t('image.none') : t('image.empty')} />;
  const trouble = viewer.loader.trouble(slot.key);
  const name = slot.instance.transferSyntaxName || slot.instance.transferSyntax;
  if (trouble && viewer.shown.value !== 'frame') return <Message icon="warn" text={tOr(`image.error.${trouble.code}`, 'image.error.other', { name })} detail={trouble.detail} code={trouble.code} />;
  if (viewer.shown.value === 'frame') return null;
  if (slot.instance.displayable === 'undecodable') return <Message icon="warn" text={t('image.undecodable', { name })} />;
  return (
    <div class="quality" role="status">
      <Spinner />
      {viewer.shown.value === 'preview' ? <span data-mark="preview">{t('image.preview')}</span> : <span>{t('image.loading')}</span>}
    </div>
  );
}

function Message({ icon, text, detail, code }: { icon: 'info' | 'warn'; text: string; detail?: string; code?: string }) {
  return (
    <div class="canvas-message" role="alert" data-code={code}>
      <Icon name={icon} size={26} />
      <p>{text}</p>
      {detail ? <p class="canvas-detail">{detail}</p> : null}
    </div>
  );
}
