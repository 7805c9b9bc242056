// The lives of reports, for screenshots.mjs: written, verified, read twice, added to, put
// right, taken back, looked at again, delivered and acknowledged. At the house; each is
// of a study by its patient ID.

/** What has to have happened: at(login, f) is f with a way to ask the API as somebody. */
export async function prepareReports(at) {
  const studies = {};
  await at('coord', async (call) => {
    for (const s of (await call('GET', '/studies?limit=200')).items) studies[s.patient.patientId] = s.id;
    await call('PUT', '/quality/rules', { rules: [{ panel: '', modality: 'CT', words: ['頭部'], percent: 100 }] });
  });
  // Of the two Workitems of a double reading each reader may have one.
  const claim = async (call, id) => {
    for (const item of (await call('GET', `/studies/${studies[id]}`)).workitems.filter((w) => w.state === 'SCHEDULED')) {
      try {
        return await call('POST', `/workitems/${item.id}/claim`, {});
      } catch (e) {
        if (!/: 4\d\d /.test(e.message)) throw e;
      }
    }
    throw new Error(`nothing of ${id} is offered`);
  };
  const write = async (call, item, sections, marks = {}) => {
    const draft = await call('GET', `/workitems/${item.id}/draft`);
    return call('PUT', `/workitems/${item.id}/draft`, { revision: draft.revision ?? 0, language: 'ja', template: '', sections: { ...draft.sections, ...sections }, marks });
  };
  const sign = async (call, item, sections, marks) => call('POST', `/workitems/${item.id}/sign`, { revision: (await write(call, item, sections, marks)).revision });
  const more = async (call, id, kind, sections, marks) => sign(call, await call('POST', `/studies/${studies[id]}/addendum`, { kind }), sections, marks);
  const critical = { critical: { level: 'red', finding: '左視床出血' } };
  const bleed = { findings: '左視床に 18×12 mm の高吸収域を認め、周囲に淡い低吸収域を伴う。\n脳室穿破は認めない。', impression: '左視床出血。', recommendation: '6時間後の再検を推奨します。' };
  let told;
  await at('sato', async (call) => {
    await sign(call, await claim(call, 'L-1'), bleed, critical);
    await more(call, 'L-1', 'addendum', { addendum: '造影CTが追加されました。造影剤の漏出像は認めません。' });
    told = await more(call, 'L-1', 'correction', { ...bleed, impression: '左視床出血、血腫量 約 3 mL。', reason: '血腫量を追記しました。' }, critical);
    await sign(call, await claim(call, 'L-2'), { findings: '脳実質に異常吸収域を認めません。', impression: '頭部に異常を認めません。' });
    await more(call, 'L-2', 'retraction', { reason: '別の患者の画像でした。' });
    await sign(call, await claim(call, 'L-4'), bleed, critical);
    await write(call, await claim(call, 'L-5'), { findings: '左被殻に高吸収域を認める。腫瘤なし。SDH、PE なし。図2 を参照。', impression: '右被殻出血。' });
  });
  await at('kato', async (call) => sign(call, await claim(call, 'L-3'), bleed, critical));
  await at('ono', async (call) => {
    await sign(call, await claim(call, 'L-4'), { ...bleed, impression: '左視床出血。脳室穿破の疑い。' }, critical);
  });
  const items = {};
  await at('sato', async (call) => {
    for (const id of ['L-3', 'L-4']) items[id] = (await claim(call, id)).id;
    for (const id of ['L-1', 'L-2', 'L-5']) items[id] = (await call('GET', `/studies/${studies[id]}`)).workitems.at(-1).id;
  });
  await at('minami', async (call) => call('POST', `/reports/${told.id}/outcomes`, { agrees: 'confirmed', text: '脳外科で血腫除去術を行いました。' }));
  return { studies, items };
}

export async function reportPages(w, as, { studies, items }) {
  const { page } = w;
  const report = async (id, selector) => {
    await w.go(`read/${items[id]}`, '.canvas[data-shown=frame]');
    await w.pane('report');
    await page.waitForSelector(selector);
  };
  const archive = async (who, tab, selector) => {
    await as(who);
    await w.go('reports', '[data-tab=quality]');
    if (tab) await page.click(`[data-tab=${tab}]`);
    await page.waitForSelector(selector);
  };
  const stories = [
    async () => {
      await as('sato');
      await report('L-5', 'textarea[data-section]');
      await page.waitForSelector('[data-lint]');
      await page.locator('[data-lint]').last().scrollIntoViewIfNeeded();
      await w.shoot('report-lint');
      await w.opened('report-sign-lint', 'sign', '[data-dialog=sign] [data-lint-open]');
      await page.keyboard.press('Shift+t');
      await page.waitForSelector('[data-form]');
      await w.shoot('report-form');
    },
    async () => {
      await report('L-1', '[data-report]');
      await page.click('[data-act=changes]');
      await page.waitForSelector('.change-list ins');
      await w.shoot('report-versions');
      await page.locator('.deliveries').scrollIntoViewIfNeeded();
      await w.shoot('report-deliveries');
      await w.opened('report-addendum', 'addendum', '[data-dialog=addendum]');
    },
    async () => {
      await report('L-2', '[data-report]');
      await w.shoot('report-retraction');
    },
    async () => {
      await report('L-3', 'textarea[data-section]');
      await w.shoot('report-verification');
    },
    async () => {
      await report('L-4', 'textarea[data-section]');
      await w.shoot('report-consensus');
    },
    async () => {
      await archive('sato', '', '[data-found]');
      await w.shoot('archive-found');
      await archive('sato', 'quality', '[data-outcome]');
      await w.shoot('archive-quality');
    },
    async () => {
      await archive('ono', 'quality', '[data-review]');
      await w.shoot('archive-review');
    },
    async () => {
      await as('coord');
      await w.go('board', '[data-critical]');
      await w.shoot('board-critical');
      await w.go('deliveries', '[data-pile]');
      await w.shoot('deliveries-parked');
      await page.locator('[data-act=give-up]').first().click();
      await page.waitForSelector('[name=why]');
      await w.shoot('deliveries-give-up');
      await w.go('archive', '[data-found]');
      await w.shoot('archive-research');
      await w.go('quality', '[data-figure]');
      await w.shoot('quality-figures');
    },
    async () => {
      await as('minami');
      await w.go('', 'tr[data-study]');
      await w.shoot('hospital-list');
      await w.go(`sent/${studies['L-1']}`, '[data-detail] [data-report]');
      await w.shoot('hospital-corrected');
      await w.go('board', '[data-unread]');
      await page.locator('.reminding summary').click();
      await w.shoot('hospital-reminding');
    },
    async () => {
      await as('tanaka');
      await w.go(`sent/${studies['L-1']}`, '[data-detail] [data-report]');
      await page.locator('[data-act=loop-acknowledge]').scrollIntoViewIfNeeded();
      await w.shoot('orderer-report');
    },
  ];
  // One that fails does not take the pictures of the others with it.
  const failed = [];
  for (const [n, story] of stories.entries()) await story().catch((e) => failed.push(`story ${n + 1}: ${e.message}`));
  if (failed.length) throw new Error(failed.join('\n'));
}
