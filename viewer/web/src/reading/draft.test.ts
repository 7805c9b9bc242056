import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../api/error';
import type { Draft, Marks, Sections } from '../api/types';
import { DraftKeeper, emptySections } from './draft';

const at = '2025-11-22T00:00:00Z';

class Server {
  revision = 3;
  sections: Sections = emptySections;
  saves = 0;
  failing: Error | null = null;
  afterSave: (() => void) | null = null;

  marks: Marks = {};
  draft = async (): Promise<Draft> => ({ revision: this.revision, sections: this.sections, marks: this.marks, template: '', language: 'ja', savedAt: at });
  saveDraft = async (_: string, d: Omit<Draft, 'savedAt'>) => {
    this.saves++;
    if (this.failing) throw this.failing;
    if (d.revision !== this.revision) throw new ApiError(409, { code: 'stale_draft' });
    this.sections = d.sections;
    this.marks = d.marks ?? {};
    this.revision++;
    this.afterSave?.();
    return { revision: this.revision, savedAt: at };
  };
}

let server: Server;
let keeper: DraftKeeper;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server();
  keeper = new DraftKeeper('w', server, 'ja');
  await keeper.load();
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
});

describe('DraftKeeper', () => {
  it('saves once when typing pauses', async () => {
    for (const text of ['右', '右被', '右被殻', '右被殻出血']) keeper.edit('findings', text);
    expect(server.saves).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect([server.saves, server.sections.findings, keeper.state.value]).toEqual([1, '右被殻出血', 'clean']);
  });

  it('saves again what was typed while it saved', async () => {
    server.afterSave = () => {
      server.afterSave = null;
      keeper.edit('impression', 'second');
    };
    keeper.edit('findings', 'first');
    expect(await keeper.flush()).toBe(true);
    expect(server.sections).toMatchObject({ findings: 'first', impression: 'second' });
  });

  it('says that text came in which its reader has not seen', async () => {
    keeper.edit('findings', 'mine');
    expect(await keeper.settle()).toBe('saved');
    server.revision++;
    server.sections = { ...server.sections, impression: 'of another page' };
    keeper.edit('findings', 'mine, again');
    expect(await keeper.settle()).toBe('changed');
    expect(keeper.sections.value.impression).toBe('of another page');
    expect(await keeper.settle()).toBe('saved');
    server.revision++;
    server.marks = { critical: { level: 'red', finding: 'x' } };
    keeper.edit('findings', 'mine, a third time');
    expect(await keeper.settle()).toBe('changed');
  });

  it('loses no mark of either page, with the same text or not', async () => {
    server.revision++;
    server.marks = { critical: { level: 'red', finding: '右被殻出血' }, figures: [{ number: 1 } as never] };
    keeper.mark({ teaching: true, figures: [{ number: 2 } as never] });
    await keeper.flush();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.marks).toMatchObject({ teaching: true, critical: { level: 'red' }, figures: [{ number: 1 }, { number: 2 }] });
    expect(keeper.state.value).toBe('clean');
    // Taken away there, unchanged here: gone. Both said of an engine: read on one page only is unread.
    server.revision++;
    server.marks = { ...server.marks, figures: [], origins: [{ source: 'e', kind: 'draft', text: 'x', seen: false }] };
    keeper.mark({ ...keeper.marks.value, origins: [{ source: 'e', kind: 'draft', text: 'y', seen: true }] });
    await keeper.flush();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.marks).toMatchObject({ figures: [], origins: [{ text: 'x\ny', seen: false }], teaching: true });
  });

  it('keeps the text when the session ends, and sends it after', async () => {
    server.failing = new ApiError(401, { code: 'unauthenticated' });
    keeper.edit('findings', 'kept');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([keeper.state.value, keeper.sections.value.findings, server.saves]).toEqual(['waiting', 'kept', 1]);
    server.failing = null;
    keeper.resume();
    await vi.advanceTimersByTimeAsync(0);
    expect([keeper.state.value, server.sections.findings]).toEqual(['clean', 'kept']);
  });

  it('tries again by itself when the line is down', async () => {
    server.failing = new NetworkError(null);
    keeper.edit('findings', 'kept');
    await vi.advanceTimersByTimeAsync(2000);
    server.failing = null;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([keeper.state.value, server.sections.findings]).toEqual(['clean', 'kept']);
  });

  it('brings changes of different sections together', async () => {
    server.sections = { ...emptySections, impression: 'theirs' };
    server.revision = 9;
    keeper.edit('findings', 'mine');
    await keeper.flush();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.sections).toMatchObject({ findings: 'mine', impression: 'theirs' });
    expect([keeper.state.value, keeper.merged.value, keeper.sections.value.impression]).toEqual(['clean', 1, 'theirs']);
  });

  it('shows both texts of a conflict and overwrites neither', async () => {
    server.sections = { ...emptySections, findings: 'theirs' };
    server.revision = 9;
    keeper.edit('findings', 'mine');
    expect(await keeper.flush()).toBe(false);
    expect([keeper.state.value, keeper.theirs.value?.sections.findings, keeper.sections.value.findings]).toEqual(['conflict', 'theirs', 'mine']);
    keeper.edit('findings', 'mine, longer');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.sections.findings).toBe('theirs');
    keeper.resolve('mine');
    await vi.advanceTimersByTimeAsync(0);
    expect([server.sections.findings, keeper.state.value]).toEqual(['mine, longer', 'clean']);
  });

  it('takes the other text when told to', async () => {
    server.sections = { ...emptySections, findings: 'theirs' };
    server.revision = 9;
    keeper.edit('findings', 'mine');
    await keeper.flush();
    keeper.resolve('theirs');
    expect([keeper.sections.value.findings, keeper.state.value, keeper.currentRevision]).toEqual(['theirs', 'clean', 9]);
  });

  it('does not call its own save, whose answer was lost, a conflict', async () => {
    keeper.edit('findings', 'same');
    server.sections = { ...emptySections, findings: 'same' };
    server.revision = 4;
    expect(await keeper.flush()).toBe(true);
    expect(keeper.currentRevision).toBe(4);
  });

  it('stops when the server refuses, and keeps the text', async () => {
    server.failing = new ApiError(403, { code: 'forbidden' });
    keeper.edit('findings', 'kept');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([keeper.state.value, keeper.problem.value, keeper.sections.value.findings, server.saves]).toEqual(['refused', 'forbidden', 'kept', 1]);
  });

  it('waits out a server that is not well', async () => {
    server.failing = new ApiError(503, { code: 'busy' });
    keeper.edit('findings', 'kept');
    await vi.advanceTimersByTimeAsync(2000);
    expect(keeper.state.value).toBe('waiting');
  });
});
