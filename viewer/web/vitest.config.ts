import { defineConfig } from 'vitest/config';

// Vitest reports failures with Map.groupBy, which Node 20 does not have yet:
// without it a failing test would fail to say why.
Map.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

export default defineConfig({
  // Of real time a test is given a minute: two loaded cores may be slow.
  test: { testTimeout: 60_000, environment: 'node', include: ['src/**/*.test.ts'], setupFiles: ['src/i18n/setup.ts'] },
});
