import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t, tOr } from '../i18n';
import { Spinner } from '../ui/controls';
import { Icon } from '../ui/icon';
import { Corners, Letters, Scale } from './overlay';
import { Painter } from './painter';
import { slotsOf } from './stack';
import type { Stage } from './stage';
import { Track } from './track';
import type { Viewer } from './viewer';

/** The type of what is dragged from the strip onto a pane. */
export const seriesDrag = 'application/x-dokuei-series';

/** One pane: the picture with what is written on it. */
export function Canvas({ stage, viewer, children }: { stage: Stage; viewer: Viewer; children?: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<Painter | null>(null);
  const size = useSignal({ w: 0, h: 0, ratio: 1 });
  const again = useSignal(0);
  const over = useSignal(false);

  useEffect(() => {
    const el = box.current!;
    painter.current = new Painter(canvas.current!, viewer, () => again.value++);
    const measure = () => {
      size.value = { w: el.clientWidth, h: el.clientHeight, ratio: Math.min(3, devicePixelRatio || 1) };
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => {
      watch.disconnect();
      painter.current?.stop();
      painter.current = null;
    };
  }, [viewer]);

  // Hands can do nothing before there is something to see.
  useSignalEffect(() => {
    if (!stage.begun.value) return;
    let off: (() => void) | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const begin = () =>
      void import('./gestures').then(
        ({ listen }) => {
          if (!gone && box.current) off = listen(box.current, stage, viewer);
        },
        () => !gone && (timer = setTimeout(begin, 3000)), // no line: the keys go on working
      );
    begin();
    return () => {
      gone = true;
      clearTimeout(timer);
      off?.();
    };
  });

  // Whatever the picture depends on is read here; the drawing itself waits for
  // the next frame of the screen, so that a burst of changes draws once.
  const raf = useRef(0);
  useSignalEffect(() => {
    const { w, h, ratio } = size.value;
    void [viewer.slot.value, viewer.view.value, viewer.window.value, viewer.fileWindow.value, viewer.loader.version.value, viewer.through.value, again.value];
    cancelAnimationFrame(raf.current);
    raf.current = requestAnimationFrame(() => {
      const p = painter.current;
      if (!p || w === 0 || h === 0) return;
      viewer.shown.value = p.draw(w, h, ratio);
      viewer.placing.value = p.placing;
    });
  });
  useEffect(() => () => cancelAnimationFrame(raf.current), []);

  const number = stage.panes.value.indexOf(viewer);
  const several = stage.panes.value.length > 1;
  const active = several && stage.active.value === viewer;
  const scale = viewer.placing.value?.layout.scaleX ?? 0;
  const Layer = stage.bench.value?.Layer;
  const onDragOver = (e: DragEvent) => {
    if (!e.dataTransfer?.types.includes(seriesDrag)) return;
    e.preventDefault();
    over.value = true;
  };
  const onDrop = (e: DragEvent) => {
    over.value = false;
    const id = e.dataTransfer?.getData(seriesDrag);
    if (!id) return;
    e.preventDefault();
    stage.open(id, number);
  };
  return (
    <div
      class={`canvas${active ? ' active' : ''}${over.value ? ' over' : ''}`}
      ref={box}
      tabIndex={0}
      role="application"
      aria-label={several ? `${t('image.pane', { n: number + 1 })}. ${t('image.area')}` : t('image.area')}
      data-tool={stage.tool.value}
      data-shown={viewer.shown.value}
      data-pane-number={number + 1}
      onFocus={() => stage.activate(number)}
      onDragOver={onDragOver}
      onDragLeave={() => (over.value = false)}
      onDrop={onDrop}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {Layer ? <Layer stage={stage} viewer={viewer} /> : null}
      <Letters viewer={viewer} />
      <Corners viewer={viewer} scale={scale}>
        {children}
      </Corners>
      <Scale viewer={viewer} scale={scale} width={size.value.w} />
      <Quality viewer={viewer} />
      <Track stage={stage} viewer={viewer} />
    </div>
  );
}

/** Says when what is seen is not the true picture, or why there is none. */
function Quality({ viewer }: { viewer: Viewer }) {
  const slot = viewer.slot.value;
  void viewer.loader.version.value;
  if (!slot) {
    if (!viewer.series.value.some((s) => slotsOf(s).length > 0)) return <Message icon="info" text={t('image.empty')} />;
    return <Message icon="info" text={viewer.active.value ? t('image.none') : t('image.choose')} />;
  }
  const trouble = viewer.loader.trouble(slot.key);
  const name = slot.instance.transferSyntaxName || slot.instance.transferSyntax;
  if (viewer.shown.value === 'frame') return null;
  // A preview stays what it is while its frame cannot be had.
  const mark = viewer.shown.value === 'preview' ? <span data-mark="preview">{t('image.preview')}</span> : null;
  if (trouble) {
    return (
      <>
        {mark ? <div class="quality">{mark}</div> : null}
        <Message icon="warn" text={tOr(`image.error.${trouble.code}`, 'image.error.other', { name })} detail={trouble.detail} code={trouble.code} />
      </>
    );
  }
  if (slot.instance.displayable === 'undecodable') return <Message icon="warn" text={t('image.undecodable', { name })} />;
  return (
    <div class="quality" role="status">
      <Spinner />
      {mark ?? <span>{t('image.loading')}</span>}
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
