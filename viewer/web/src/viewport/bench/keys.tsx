import { insertIntoReport } from '../../reading/insert';
import { Button, Thumb } from '../../ui/controls';
import { say } from '../../ui/toast';
import type { KeyImage } from '../marks/keyimage';
import type { Stage } from '../stage';
import type { MarkDesk } from './desk';
import { valuesText } from './values';
import { w } from './words';

/** The key images below the series: to open, to name, to put into the report. */
export function KeyStrip({ stage, desk, onPrint }: { stage: Stage; desk: MarkDesk; onPrint: () => void }) {
  const own = desk.book.pages.value.keys;
  const signed = desk.signed.value.flatMap((a) => a.keys);
  if (own.length + signed.length === 0) return null;
  const state = desk.keeper.value?.state.value;
  return (
    <section class="keys-strip" aria-label={w('keys.title')} data-keys={own.length + signed.length} data-kept={state}>
      <h2>
        {w('keys.title')}
        <Button icon="print" kind="quiet" small label={w('keys.print')} act="keys-print" onClick={onPrint} />
      </h2>
      {signed.map((k) => (
        <KeyButton key={k.id} image={k} stage={stage} desk={desk} />
      ))}
      {own.map((k) => (
        <div key={k.id} class="key-own">
          <KeyButton image={k} stage={stage} desk={desk} />
          <input class="key-text" defaultValue={k.text} maxLength={200} placeholder={w('keys.caption')} aria-label={w('keys.captionOf', { name: w('keys.name', { n: k.number }) })} onBlur={(e) => desk.captionKey(k, e.currentTarget.value)} />
          <span class="key-acts">
            <Button icon="insert" kind="quiet" small label={w('keys.insert', { name: w('keys.name', { n: k.number }) })} act={`key-insert-${k.number}`} onClick={() => insertIntoReport(w('keys.name', { n: k.number })) || say(w('keys.noReport'))} />
            <Button icon="close" kind="quiet" small label={w('keys.remove', { name: w('keys.name', { n: k.number }) })} act={`key-remove-${k.number}`} onClick={() => desk.removeKey(k)} />
          </span>
        </div>
      ))}
      {state === 'waiting' || state === 'refused' ? <p class="keys-trouble" role="status">{w(`keys.${state}`)}</p> : null}
    </section>
  );
}

/** What was measured: to find again, and to put into the report. */
export function MarkStrip({ stage, desk }: { stage: Stage; desk: MarkDesk }) {
  const marks = desk.book.pages.value.marks.filter((m) => m.values.length > 0);
  if (marks.length === 0) return null;
  return (
    <section class="marks-strip" aria-label={w('marks.title')} data-marks={marks.length}>
      <h2>{w('marks.title')}</h2>
      {marks.map((m) => {
        const text = valuesText(m);
        return (
          <span key={m.id} class="mark-row">
            <button type="button" onClick={() => stage.show(m.instance, m.frame) && (desk.book.selected.value = m.id)}>
              {text}
            </button>
            <Button icon="insert" kind="quiet" small label={w('marks.insert', { text })} act="mark-insert" onClick={() => insertIntoReport(text) || say(w('keys.noReport'))} />
          </span>
        );
      })}
    </section>
  );
}

function KeyButton({ image, stage, desk }: { image: KeyImage; stage: Stage; desk: MarkDesk }) {
  const instance = stage.series.value.flatMap((s) => s.instances ?? []).find((i) => i.sopInstanceUid === image.instance);
  return (
    <button type="button" class="key-image" data-key-number={image.number} onClick={() => desk.showKey(image)}>
      <Thumb src={instance?.thumbnail ?? null} />
      <span>
        <b>{w('keys.name', { n: image.number })}</b> {image.text}
      </span>
    </button>
  );
}
