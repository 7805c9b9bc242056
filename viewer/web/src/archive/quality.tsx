import { useState } from 'preact/hooks';
import type { PeerRule, QualityState, Review } from '../api/types';
import { instant, named, num, t } from '../i18n';
import { href } from '../route';
import { api, may } from '../session';
import { Banner, Blank, Button, Chip } from '../ui/controls';
import { useLive, useLoad, type Loaded } from '../ui/load';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import { PatientName } from '../ui/study';
import { w } from './words';
import './archive.css';

const scores = ['1', '2a', '2b', '3a', '3b'] as const;

/** Second looks, outcomes and numbers: a reader's own, all for the coordinator. */
export function Quality() {
  const loaded = useLoad(() => api.quality(), []);
  useLive((_, kind) => kind === 'report', loaded.reload);
  const q = loaded.data;
  if (!q) return loaded.error ? <Banner tone="danger">{loaded.error}</Banner> : <Blank busy title={t('loading')} />;
  const all = may('report.research');
  return (
    <section class="quality-page" aria-label={w('quality.title')} data-open={q.open.length}>
      <Figures q={q} />
      {all ? <Discrepancies q={q} /> : null}
      {all ? <Rules q={q} onKept={loaded.reload} /> : null}
      {may('report.review') ? <Asked loaded={loaded} q={q} /> : null}
      {all ? null : <About q={q} onSeen={loaded.reload} />}
      <h2>{w('quality.outcomes')}</h2>
      {all && q.outcomes.length + q.answers.length > 0 ? (
        <p>
          <a class="btn small" href="/api/v1/quality?format=csv" download="told.csv" data-act="told-csv">
            <span>{w('quality.csv')}</span>
          </a>
        </p>
      ) : null}
      {q.outcomes.length + q.answers.length === 0 ? <p class="muted">{w('quality.noneOutcomes')}</p> : null}
      {q.outcomes.map((o) => (
        <article key={o.id} class="quality-row" data-outcome={o.agrees}>
          <Chip tone={o.agrees === 'differs' ? 'warn' : o.agrees === 'confirmed' ? 'ok' : 'neutral'}>{w(`agrees.${o.agrees}`)}</Chip>
          <p class="report-text">{o.text}</p>
          <span class="muted">
            {named(o.by)} · {instant(o.at)} · <a href={href('study', o.studyId)}>{w('review.open')}</a>
          </span>
        </article>
      ))}
      {q.answers.map((a) => (
        <article key={`${a.reportId} ${a.at}`} class="quality-row" data-answer={a.step}>
          <Chip tone={a.step === 'acted' ? 'ok' : 'neutral'}>{w(a.step === 'acted' ? 'answer.acted' : 'answer.read')}</Chip>
          <p class="report-text">{a.text}</p>
          <span class="muted">
            {named(a.by)} · {instant(a.at)} · <a href={href('study', a.studyId)}>{w('review.open')}</a>
          </span>
        </article>
      ))}
    </section>
  );
}

function Asked({ loaded, q }: { loaded: Loaded<QualityState>; q: QualityState }) {
  return (
    <>
      <h2>{w('quality.open', { n: q.open.length })}</h2>
      {q.open.length === 0 ? <p class="muted">{w('quality.noneOpen')}</p> : <p class="muted">{w('quality.openLead')}</p>}
      {q.open.map((r) => (
        <ReviewForm key={r.id} review={r} onDone={loaded.reload} />
      ))}
    </>
  );
}

function Head({ review: r }: { review: Review }) {
  return (
    <header>
      <a href={href('study', r.study.id)}>
        <PatientName study={r.study} />
      </a>
      <span class="muted">
        {r.study.description} · {named(r.study.facility)} · {w(r.why === 'rule' ? 'why.rule' : 'why.random')}
      </span>
    </header>
  );
}

function ReviewForm({ review, onDone }: { review: Review; onDone: () => void }) {
  const [score, setScore] = useState('');
  const [note, setNote] = useState('');
  const keep = () => api.writeReview(review.id, score, note).then(onDone, sayProblem);
  return (
    <form
      class="quality-row"
      data-review={review.id}
      onSubmit={(e) => {
        e.preventDefault();
        void keep();
      }}
    >
      <Head review={review} />
      <a class="btn small" href={href('study', review.study.id)} target="_blank" rel="noopener noreferrer">
        <span>{w('review.open')}</span>
      </a>
      <fieldset class="quality-scores">
        <legend>{w('review.score')}</legend>
        {scores.map((s) => (
          <label key={s}>
            <input type="radio" name={review.id} value={s} checked={score === s} onChange={() => setScore(s)} /> {w(`score.${s}`)}
          </label>
        ))}
      </fieldset>
      <textarea rows={2} value={note} maxLength={2000} placeholder={w('review.note')} aria-label={w('review.note')} onInput={(e) => setNote(e.currentTarget.value)} />
      <Button small kind="primary" type="submit" disabled={!score || (score !== '1' && !note.trim())} act="review-keep">
        {w('review.keep')}
      </Button>
    </form>
  );
}

function About({ q, onSeen }: { q: QualityState; onSeen: () => void }) {
  return (
    <>
      <h2>{w('quality.about')}</h2>
      {q.about.length === 0 ? <p class="muted">{w('quality.noneAbout')}</p> : null}
      {q.about.map((r) => (
        <Seen key={r.id} review={r} onSeen={onSeen} />
      ))}
    </>
  );
}

function Seen({ review: r, onSeen }: { review: Review; onSeen: () => void }) {
  const [reply, setReply] = useState('');
  return (
    <article class="quality-row" data-about={r.score}>
      <Head review={r} />
      <Chip tone={r.score === '1' ? 'ok' : 'warn'}>{w(`score.${r.score as '1'}`)}</Chip>
      {r.note ? <p class="report-text">{r.note}</p> : null}
      {r.reply ? <p class="muted">{r.reply}</p> : null}
      {r.seenAt ? (
        <span class="muted">
          {w('review.seen')} {instant(r.seenAt)}
        </span>
      ) : (
        <span class="text-acts">
          <input value={reply} maxLength={2000} placeholder={w('review.reply')} aria-label={w('review.reply')} onInput={(e) => setReply(e.currentTarget.value)} />
          <Button small kind="primary" onClick={() => void api.seeReview(r.id, reply).then(onSeen, sayProblem)} act="review-seen">
            {w('review.seen')}
          </Button>
        </span>
      )}
    </article>
  );
}

function Discrepancies({ q }: { q: QualityState }) {
  return (
    <>
      <h2>{w('quality.discrepancies')}</h2>
      {q.discrepancies.length === 0 ? <p class="muted">{w('quality.noneDiscrepancies')}</p> : null}
      {q.discrepancies.map((r) => (
        <article key={r.id} class="quality-row">
          <Head review={r} />
          <Chip tone="warn">{w(`score.${r.score as '1'}`)}</Chip>
          <p class="report-text">{r.note}</p>
          <span class="muted">
            {named(r.reader)} ← {named(r.reviewer)} · {instant(r.doneAt)} · {r.seenAt ? `${w('review.seen')} ${instant(r.seenAt)}` : w('review.unseen')}
          </span>
          {r.reply ? <p class="muted">{r.reply}</p> : null}
        </article>
      ))}
    </>
  );
}

function Figures({ q }: { q: QualityState }) {
  return (
    <>
      <h2>{w('quality.figures')}</h2>
      {q.figures.length === 0 ? <p class="muted">{w('quality.noneFigures')}</p> : null}
      <div class="table-box" hidden={q.figures.length === 0}>
        <table class="list still">
          <thead>
            <tr>
              <th scope="col">{w('fig.reader')}</th>
              <th scope="col">{w('fig.reports')}</th>
              <th scope="col">{w('fig.chosen')}</th>
              {scores.map((s) => (
                <th key={s} scope="col" title={w(`score.${s}`)}>
                  {s}
                </th>
              ))}
              <th scope="col">{w('fig.rate')}</th>
              <th scope="col">{w('fig.outcomes')}</th>
            </tr>
          </thead>
          <tbody>
            {q.figures.map((f) => {
              const done = scores.reduce((n, s) => n + (f.scores[s] ?? 0), 0);
              return (
                <tr key={f.reader.id} data-figure={f.reader.id}>
                  <td>{named(f.reader)}</td>
                  <td>{f.reports}</td>
                  <td>
                    {done} / {f.chosen}
                  </td>
                  {scores.map((s) => (
                    <td key={s}>{f.scores[s] ?? 0}</td>
                  ))}
                  <td>{done ? `${num((100 * (done - (f.scores['1'] ?? 0))) / done, 1)}%` : '–'}</td>
                  <td>
                    {f.confirmed} / {f.differs}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Rules({ q, onKept }: { q: QualityState; onKept: () => void }) {
  const [rules, setRules] = useState<PeerRule[]>(q.rules);
  const panels = useLoad(() => api.panels(), []);
  const set = (n: number, change: Partial<PeerRule>) => setRules(rules.map((r, i) => (i === n ? { ...r, ...change } : r)));
  const keep = async () => {
    try {
      await api.setPeerRules(rules);
      say(w('rule.kept'));
      onKept();
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <>
      <h2>{w('quality.rules')}</h2>
      <p class="muted">{w('quality.rulesLead')}</p>
      {rules.map((r, n) => (
        <div key={n} class="quality-rule">
          <label class="field">
            <span>{w('rule.panel')}</span>
            <select value={r.panel} onChange={(e) => set(n, { panel: e.currentTarget.value })}>
              <option value="">{w('rule.all')}</option>
              {(panels.data ?? []).map((p) => (
                <option key={p.id} value={p.id}>
                  {named(p)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{w('search.modality')}</span>
            <input value={r.modality} maxLength={16} onInput={(e) => set(n, { modality: e.currentTarget.value.toUpperCase() })} />
          </label>
          <label class="field">
            <span>{w('rule.words')}</span>
            <input value={r.words.join(' ')} maxLength={400} onChange={(e) => set(n, { words: e.currentTarget.value.split(/\s+/).filter(Boolean) })} />
          </label>
          <label class="field">
            <span>{w('rule.percent')}</span>
            <input type="number" min={1} max={100} value={r.percent} onInput={(e) => set(n, { percent: Number(e.currentTarget.value) })} />
          </label>
          <Button small kind="quiet" onClick={() => setRules(rules.filter((_, i) => i !== n))}>
            {w('rule.remove')}
          </Button>
        </div>
      ))}
      <div class="text-acts">
        <Button small onClick={() => setRules([...rules, { panel: '', modality: '', words: [], percent: 5 }])} act="rule-add">
          {w('rule.add')}
        </Button>
        <Button small kind="primary" onClick={() => void keep()} act="rules-keep">
          {w('rule.keep')}
        </Button>
      </div>
    </>
  );
}
