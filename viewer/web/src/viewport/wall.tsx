import type { ComponentChildren } from 'preact';
import { Canvas } from './canvas';
import type { Stage } from './stage';
import type { Viewer } from './viewer';

/** The panes in their grid. corner is what is written about the study in each. */
export function Wall({ stage, corner }: { stage: Stage; corner: (v: Viewer) => ComponentChildren }) {
  const alone = stage.alone.value;
  const { rows, columns } = alone ? { rows: 1, columns: 1 } : stage.grid.value;
  const Instead = stage.instead.value;
  if (Instead) return <Instead />;
  return (
    <div class="wall" data-rows={rows} data-columns={columns}>
      {(alone ? [stage.active.value] : stage.panes.value).map((v) => (
        <Canvas key={v.id} stage={stage} viewer={v}>
          {corner(v)}
        </Canvas>
      ))}
    </div>
  );
}
