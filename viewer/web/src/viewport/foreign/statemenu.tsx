import { formatDate, formatPerson } from '../../format/dicom';
import { Item, Menu } from '../bench/menu';
import { w } from '../bench/words';
import { titleOf, type Softcopy } from './softcopy';

/** The presentation states of the study, one of which may be applied, and its layers. */
export function StateMenu({ softcopy }: { softcopy: Softcopy }) {
  const list = softcopy.list.value;
  const refused = softcopy.refused.value;
  if (list.length + refused === 0) return null;
  const chosen = softcopy.chosen.value;
  const layers = [...(chosen?.layers ?? [])].sort((a, b) => a.order - b.order);
  return (
    <Menu icon="easel" label={chosen ? `${w('state.menu')}: ${titleOf(chosen)}` : w('state.menu')} act="states">
      {(close) => {
        const pick = (s: typeof chosen) => () => {
          softcopy.choose(s);
          close();
        };
        return (
          <>
            <Item text={w('state.none')} pressed={!chosen} act="state-none" onClick={pick(null)} />
            {list.map((s) => (
              <Item key={s.id} text={[titleOf(s), s.creator ? formatPerson(s.creator) : '', formatDate((s.created ?? '').slice(0, 8))].filter(Boolean).join(' · ')} pressed={chosen?.id === s.id} act={`state-${s.label}`} onClick={pick(s)} />
            ))}
            {refused ? <p class="muted">{w('state.refused', { n: refused })}</p> : null}
            {layers.length ? <hr /> : null}
            {layers.map((l) => (
              <Item key={l.name} text={l.description || l.name} pressed={!softcopy.hidden.value.has(l.name)} act={`layer-${l.name}`} onClick={() => softcopy.toggle(l.name)} />
            ))}
          </>
        );
      }}
    </Menu>
  );
}
