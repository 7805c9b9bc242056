import { useState } from 'preact/hooks';
import { formatDate, formatPerson } from '../../format/dicom';
import { insertIntoReport } from '../../reading/insert';
import { Button } from '../../ui/controls';
import { say } from '../../ui/toast';
import { w } from '../bench/words';
import { quantityText, type Group, type MeasuredDocument, type Measures } from './measured';

const first = 30;

/** Documents of other makers below the series: who measured what, to go to and to put into the report. */
export function MeasuredStrip({ measures }: { measures: Measures }) {
  const documents = measures.documents.value;
  const refused = measures.refused.value;
  if (documents.length + refused === 0) return null;
  return (
    <section class="marks-strip foreign-strip" aria-label={w('foreign.title')} data-documents={documents.length}>
      <h2>
        {w('foreign.title')}
        {documents.length ? <Button icon="eye" kind="quiet" small label={w('foreign.visible')} act="foreign-visible" pressed={measures.visible.value} onClick={() => (measures.visible.value = !measures.visible.value)} /> : null}
      </h2>
      {documents.map((d) => (
        <One key={d.id} document={d} measures={measures} />
      ))}
      {refused ? <p class="muted">{w('foreign.refused', { n: refused })}</p> : null}
    </section>
  );
}

/** Who made a document: a person, else a program. */
function origin(d: MeasuredDocument): string {
  const maker = [d.manufacturer, d.device || d.model].filter(Boolean).join(' ');
  return [d.observer ? formatPerson(d.observer) : '', maker, formatDate((d.created ?? '').slice(0, 8))].filter(Boolean).join(' · ');
}

function One({ document: d, measures }: { document: MeasuredDocument; measures: Measures }) {
  const [all, setAll] = useState(false);
  const groups = all ? d.groups : d.groups.slice(0, first);
  return (
    <div class="foreign-document" data-document={d.title}>
      <p>
        <b>{d.title}</b> <span class="muted">{origin(d)}</span> <span class={`foreign-state${d.verified ? ' ok' : ''}`}>{w(d.verified ? 'foreign.verified' : 'foreign.unverified')}</span>
      </p>
      {groups.map((g, i) => (
        <Row key={i} group={g} measures={measures} />
      ))}
      {groups.length < d.groups.length ? (
        <button type="button" class="link" onClick={() => setAll(true)}>
          {w('foreign.more', { n: d.groups.length - groups.length })}
        </button>
      ) : null}
    </div>
  );
}

function Row({ group: g, measures }: { group: Group; measures: Measures }) {
  const name = [g.tracking || g.finding, g.tracking ? g.finding : '', g.site].filter(Boolean).join(' · ');
  const text = (g.quantities ?? []).map(quantityText).join(', ');
  return (
    <span class="mark-row" title={(g.notes ?? []).join('\n')}>
      <button type="button" data-act="foreign-show" aria-current={measures.selected.value === g} onClick={() => measures.show(g) || say(w('foreign.nowhere'))}>
        {name ? <span class="foreign-name">{name}</span> : null}
        {text}
      </button>
      {text ? <Button icon="insert" kind="quiet" small label={w('marks.insert', { text })} act="foreign-insert" onClick={() => insertIntoReport([name, text].filter(Boolean).join(' ')) || say(w('keys.noReport'))} /> : null}
    </span>
  );
}
