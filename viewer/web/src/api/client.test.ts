import { describe, expect, it, vi } from 'vitest';
import { Client } from './client';
import { ApiError, NetworkError, errorCode } from './error';

function answering(res: Response | (() => never)) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const onUnauthenticated = vi.fn();
  const client = new Client({
    onUnauthenticated,
    fetch: async (input, init) => {
      asked.push({ url: String(input), init });
      return typeof res === 'function' ? res() : res;
    },
  });
  return { client, asked, onUnauthenticated };
}

const problem = (status: number, code: string, detail = '') =>
  new Response(JSON.stringify({ title: 'no', status, code, detail }), { status, headers: { 'Content-Type': 'application/problem+json' } });

describe('errors', () => {
  it('carry the code of the problem', async () => {
    const { client } = answering(problem(409, 'already_claimed', 'by someone'));
    const e = await client.claim('w').catch((x: unknown) => x);
    expect(e).toBeInstanceOf(ApiError);
    expect(e).toMatchObject({ status: 409, code: 'already_claimed', detail: 'by someone' });
  });
  it.each([
    [404, 'not_found'],
    [413, 'too_large'],
    [502, 'server'],
    [418, 'bad_request'],
  ])('without a problem document %d is %s', async (status, code) => {
    const { client } = answering(new Response('<html>', { status, headers: { 'Content-Type': 'text/html' } }));
    expect(errorCode(await client.study('s').catch((x: unknown) => x))).toBe(code);
  });
  it('with a broken problem document are still errors', async () => {
    const { client } = answering(new Response('{', { status: 500, headers: { 'Content-Type': 'application/problem+json' } }));
    expect(errorCode(await client.rules('ja').catch((x: unknown) => x))).toBe('server');
  });
  it('no answer is a network error', async () => {
    const { client } = answering(() => {
      throw new TypeError('Failed to fetch');
    });
    const e = await client.rules('ja').catch((x: unknown) => x);
    expect(e).toBeInstanceOf(NetworkError);
    expect(errorCode(e)).toBe('network');
  });
  it('an answer cut short is a network error', async () => {
    const { client } = answering(new Response('{"a":', { headers: { 'Content-Type': 'application/json' } }));
    expect(errorCode(await client.rules('ja').catch((x: unknown) => x))).toBe('network');
  });
  it('giving up is not an error of the network', async () => {
    const { client } = answering(() => {
      throw new DOMException('stop', 'AbortError');
    });
    expect(await client.rules('ja').catch((x: unknown) => x)).toBeInstanceOf(DOMException);
  });
});

describe('the session', () => {
  it('that ended is told of', async () => {
    const { client, onUnauthenticated } = answering(problem(401, 'unauthenticated'));
    await client.worklist('open').catch(() => {});
    expect(onUnauthenticated).toHaveBeenCalledOnce();
  });
  it('is not ended by a wrong password', async () => {
    const { client, onUnauthenticated } = answering(problem(401, 'bad_credentials'));
    const e = await client.signIn('sato', 'x').catch((x: unknown) => x);
    expect(errorCode(e)).toBe('bad_credentials');
    expect(onUnauthenticated).not.toHaveBeenCalled();
  });
});

describe('a request that was under way while its user signed in again', () => {
  it('is made once more, and ends no session', async () => {
    const onUnauthenticated = vi.fn();
    let late: (r: Response) => void = () => {};
    let drafts = 0;
    const client = new Client({
      onUnauthenticated,
      fetch: (input) => {
        if (String(input).endsWith('/session')) return Promise.resolve(Response.json({ userId: 'u' }));
        if (++drafts > 1) return Promise.resolve(Response.json({ revision: 7 }));
        return new Promise((r) => (late = r));
      },
    });
    const draft = client.draft('w');
    await client.signIn('sato', 'x');
    late(problem(401, 'unauthenticated'));
    expect((await draft).revision).toBe(7);
    expect(onUnauthenticated).not.toHaveBeenCalled();
  });
});

describe('requests', () => {
  it('escape ids into their path', async () => {
    const { client, asked } = answering(Response.json({}));
    await client.study('../session?x#y');
    expect(asked[0]!.url).toBe('/api/v1/studies/..%2Fsession%3Fx%23y');
  });
  it('send JSON, and leave out what is not said', async () => {
    const { client, asked } = answering(Response.json({}));
    await client.reassign('w', 'npo');
    expect(asked[0]!.init).toMatchObject({ method: 'POST', body: '{"panel":"npo"}', credentials: 'same-origin' });
    expect(asked[0]!.init!.headers).toMatchObject({ 'Content-Type': 'application/json' });
  });
  it('keep what was typed out of addresses', async () => {
    for (const ask of [(c: Client) => c.worklist('open', '山田'), (c: Client) => c.studies({ q: '山田', limit: 100 })]) {
      const { client, asked } = answering(Response.json({}));
      await ask(client);
      expect(asked[0]!.url).toMatch(/^\/api\/v1\/(worklist|studies)\/search$/);
      expect(asked[0]!.init).toMatchObject({ method: 'POST' });
      expect(asked[0]!.init!.body).toContain('"q":"山田"');
    }
  });
  it('take out marks that turn the direction of text', async () => {
    const { client } = answering(new Response('{"name":"A\u202Egnp.exe\u202C \u2067B"}'));
    await expect(client.json('/x')).resolves.toEqual({ name: 'Agnp.exe B' });
  });
  it('understand 204', async () => {
    const { client } = answering(new Response(null, { status: 204 }));
    await expect(client.signOut()).resolves.toBeUndefined();
  });
  it('learn the clock of the server', async () => {
    const { client } = answering(Response.json([], { headers: { Date: new Date(Date.now() + 120_000).toUTCString() } }));
    await client.rules('ja');
    expect(client.clock.offsetMs).toBeGreaterThan(100_000);
  });
});

describe('an opening', () => {
  const shared = { rows: 2 };
  const open = async (seriesList: unknown) => {
    const onStrange = vi.fn();
    const client = new Client({ onStrange, fetch: async () => Response.json({ item: {}, study: { seriesList }, picture: null }) });
    const answer = await client.opening('w').catch((e: unknown) => e);
    return { answer, strange: onStrange.mock.calls.length };
  };
  it('tells instances by columns', async () => {
    const { answer, strange } = await open([{ id: 's', instances: 2, shared, columns: { id: ['a', 'b'] } }]);
    expect(answer).toMatchObject({ study: { seriesList: [{ instances: [{ id: 'a', rows: 2, preview: '/api/v1/instances/a/preview' }, { id: 'b' }] }] } });
    expect(strange).toBe(0);
  });
  it.each([
    ['of another shape', [{ id: 's', instances: [{ id: 'a' }] }]],
    ['whose columns have other lengths', [{ id: 's', instances: 3, shared, columns: { id: ['a', 'b'] } }]],
    ['without series', undefined],
  ])('%s is said to be strange', async (_, seriesList) => {
    const { answer, strange } = await open(seriesList);
    expect(errorCode(answer)).toBe('strange');
    expect(strange).toBe(1);
  });
});
