import { num } from '../i18n';
import { roundUp } from './sums';

/** Bars beside their names, the longest first. */
export function Bars({ data }: { data: { name: string; n: number }[] }) {
  const most = Math.max(1, ...data.map((d) => d.n));
  return (
    <ul class="bars">
      {data.slice(0, 20).map((d) => (
        <li key={d.name}>
          <span>{d.name}</span>
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${(d.n / most) * 100}%` }} />
          </span>
          <span class="bar-text">{num(d.n)}</span>
        </li>
      ))}
    </ul>
  );
}

interface Column {
  key: string;
  parts: { name: string; n: number }[];
}

/** Columns of parts that lie on each other. The numbers stand in a table too, for who does not see them. */
export function Columns({ data, label }: { data: Column[]; label: string }) {
  const sum = (c: Column) => c.parts.reduce((n, p) => n + p.n, 0);
  const top = roundUp(Math.max(1, ...data.map(sum)));
  const names = data[0]?.parts.map((p) => p.name) ?? [];
  const every = Math.ceil(data.length / 14); // half as many where there is little room
  const named = (n: number, of: number) => n % of === (data.length - 1) % of;
  return (
    <figure class="plot">
      <div class="plot-body" aria-hidden="true">
        <div class="plot-scale">
          {[1, 0.5, 0].map((x) => (
            <span key={x} style={{ bottom: `${x * 100}%` }}>
              {num(top * x)}
            </span>
          ))}
        </div>
        <div class="plot-columns">
          {data.map((c, n) => (
            <div key={c.key} class="plot-column" title={`${c.key}: ${num(sum(c))}`}>
              <div class="plot-stack">
                {c.parts.map((p, i) => (p.n > 0 ? <span key={p.name} class={`series-${i}`} style={{ height: `${(p.n / top) * 100}%` }} /> : null))}
              </div>
              <span class={`plot-key${named(n, 2 * every) ? '' : ' wide'}`}>{named(n, every) ? c.key.slice(2).replace('-', '/') : ''}</span>
            </div>
          ))}
        </div>
      </div>
      <figcaption class="legend" aria-hidden="true">
        {names.map((n, i) => (
          <span key={n}>
            <span class={`swatch series-${i}`} /> {n}
          </span>
        ))}
      </figcaption>
      <table class="sr">
        <caption>{label}</caption>
        <tbody>
          {data.map((c) => (
            <tr key={c.key}>
              <th scope="row">{c.key}</th>
              <td>{sum(c)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
