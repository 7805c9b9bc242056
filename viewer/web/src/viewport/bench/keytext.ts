const names: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Delete: 'Del', ' ': 'Space', '-': '−' };

/** A key as its cap says it. */
export function keyText(key: string): string {
  return key
    .split(/(?<=Ctrl\+|Shift\+)/)
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join('');
}
