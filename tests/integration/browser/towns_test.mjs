// What a town's views of waste, rooms, traffic, noise and energy say, and a meter's report, against the stand-in: what is
// urgent, how well it is known, and why there is no number where there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStandIn } from './stand_in.mjs';
import { counted, told } from './waiting.mjs';

const standIn = useStandIn();
const { withPage } = standIn;
const of = (profile, tenant = 'menden') => standIn.device((device) => device.profile === profile, tenant);

test('containers come by urgency, and where there is no estimate the reason stands', async () => {
  await withPage('towns/waste?tenant=menden', async (page) => {
    const rows = page.locator('[data-test=containers] tbody tr');
    await counted(rows, 4);
    await told(rows.nth(0), /jetzt/);
    await told(rows.nth(1), /in \d+ [hd]/);
    await told(page.locator('[data-test=containers]'), /Keine Schätzung: zu wenige Werte seit der letzten Leerung/);
    await told(page.locator('[data-test=containers]'), /Keine Schätzung: er füllt sich nicht[\s\S]*nicht in zwei Wochen/);
    await told(page.locator('[data-test=waste-figures]'), /Jetzt zu leeren\s+1[\s\S]*Ohne Schätzung\s+2/);
  });
});

test('the views of a town are beside each other, and keep the town', async () => {
  await withPage('towns/waste?tenant=soest', async (page) => {
    const tabs = page.getByRole('navigation', { name: 'Orte' });
    for (const [name, view] of [
      ['Innenräume', 'towns/indoors'],
      ['Verkehr und Lärm', 'towns/traffic'],
      ['Energie', 'towns/energy'],
      ['Entsorgung', 'towns/waste'],
    ]) {
      await tabs.getByRole('link', { name }).click();
      await page.locator(`main[data-view="${view}"] h1`).getByText(`${name} · Soest`).waitFor();
    }
  });
});

test('a room has its light, its week, its walls, and says how well it is known', async () => {
  await withPage('towns/indoors?tenant=menden', async (page) => {
    const room = of('elsys/ers');
    standIn.mock.setLatest(room.dev_eui, 'co2', { value: 2150 });
    await page.reload();
    await page.getByLabel('Standort').selectOption(room.site);
    const row = page.locator('[data-test=rooms] tbody tr', { hasText: room.name }).first();
    await told(row, /bitte lüften[\s\S]*2\.?150\s*ppm[\s\S]*% unauffällig[\s\S]*Gefahr/);
    // Somewhere a sensor has told too little.
    const all = new Set();
    for (const site of await page.getByLabel('Standort').locator('option').allInnerTexts()) {
      await page.getByLabel('Standort').selectOption(site);
      await told(page.locator('[data-test=rooms] tbody tr').first(), new RegExp(site));
      all.add(await page.locator('[data-test=rooms]').innerText());
    }
    assert.match([...all].join(), /zu wenige Daten/);
    standIn.mock.setLatest(room.dev_eui, 'co2', {});
  });
});

test('how rooms are used: days of too little data are outlines, one without is a gap', async () => {
  await withPage('towns/indoors?tenant=menden', async (page) => {
    await page.getByLabel('Standort').selectOption('Schule 1');
    const card = page.locator('[data-test=room-use]');
    await card.locator('.bars .bar').first().waitFor();
    await counted(card.locator('[data-test=room-use-rooms] tbody tr'), 2);
    await card.getByText('Nach Tagen').click();
    await told(card.locator('[data-test=room-use-days]'), /von 2 Räumen um \d\d:\d\d/);
  });
});

test('counting points have DTV, DTVw, peak hour, heavy share and v85, with the days behind them', async () => {
  await withPage('towns/traffic?tenant=menden', async (page) => {
    const table = page.locator('[data-test=counts]');
    await told(table, /Fahrzeuge[\s\S]*6\.240[\s\S]*25 von 2\d Tagen[\s\S]*686[\s\S]*6,4\s*%[\s\S]*52,7\s*km\/h/);
    await page.getByRole('button', { name: '7 Tage' }).click();
    await told(table, /zu wenige Daten/);
  });
});

test('the usual week has a number in each hour, and says which has none', async () => {
  await withPage('towns/traffic?tenant=menden', async (page) => {
    const card = page.locator('[data-test=week]');
    await counted(card.locator('[data-test=week-map] td.hour'), 168);
    await counted(card.locator('[data-test=week-map] td.nothing'), 1);
    const monday = card.locator('[data-test=week-map] tbody tr').first();
    await told(monday, /^Mo/);
    assert.match(await monday.locator('td').nth(17).getAttribute('aria-label'), /^Mo 17–18: 768, in 95 % der Wochen höchstens 998, 24 Wochen$/);
    assert.match(await monday.locator('td').nth(17).getAttribute('class'), /level-6/);
    await card.locator('.plot-legend').getByText('bis 768').waitFor();
  });
});

test('noise is indicative, and says which days are valid', async () => {
  await withPage('towns/traffic?tenant=menden', async (page) => {
    const card = page.locator('[data-test=noise]');
    await card.getByText('orientierend').waitFor();
    await told(card.locator('[data-test=noise-newest]'), /Lden[\s\S]*dB[\s\S]*Nacht/);
    await counted(card.locator('.bars svg .gap'), 1);
    assert.ok((await card.locator('.bars .bar.weak').count()) > 0);
    await card.getByText('Dasselbe als Tabelle').click();
    await told(card.locator('[data-test=noise-days]'), /7 von 12 h[\s\S]*zu wenige Daten/);
    const asked = page.waitForRequest(/v1\/noise\?.*hours=eu/);
    await page.getByRole('button', { name: 'EU (7/19/23)' }).click();
    await asked;
  });
});

test('energy: what was saved, what stands in the way, what stays dark; meters lead to their report', async () => {
  await withPage('towns/energy?tenant=menden', async (page) => {
    await told(page.locator('[data-test=saving]'), /13\s*%/);
    await told(page.locator('[data-test=building-uses]'), /28 von 30 Tagen[\s\S]*Vor einem Jahr/);
    await told(page.locator('[data-test=charge-points]'), /Ladepunkt \d+[\s\S]*kWh[\s\S]*%/);
    // A charge point is no circuit of lamps, although both count energy.
    await counted(page.locator('[data-test=lights] tbody tr'), 2);
    await told(page.locator('[data-test=lights]'), /Dunkle Nächte: 1[\s\S]*zuletzt ab/);
    const meter = of('heat/meter');
    await page.locator('[data-test=meter-list] tr', { hasText: meter.name }).getByRole('link', { name: 'Monatsbericht' }).click();
    await page.locator('main[data-view="meters/:eui"] h1').waitFor();
    await told(page.locator('[data-test=heat]'), /31,4\s*K[\s\S]*m³\/MWh/);
  });
});

test('substations come by how badly they cool, and why one has no place', async () => {
  await withPage('towns/energy?tenant=menden', async (page) => {
    const card = page.locator('[data-test=substations]');
    const rows = card.locator('[data-test=substation-list] tbody tr');
    await counted(rows, 2);
    await told(rows.nth(0), /1[\s\S]*27,4\s*m³\/MWh[\s\S]*31,4\s*K[\s\S]*–[\s\S]*4\.313\s*kWh[\s\S]*24 von 26/);
    await told(rows.nth(1), /–[\s\S]*Anbau[\s\S]*3 von 26[\s\S]*ohne Platz: zu wenige Tage/);
    await card.getByLabel('Reihenfolge nach').selectOption('return_temperature');
    await told(rows.nth(0), /48,6\s*°C/);
  });
});

test('the report of a meter: quality, findings, and other months by their address', async () => {
  const meter = of('axioma/w1');
  await withPage(`devices/${meter.dev_eui}`, async (page) => {
    await page.locator('[data-test=meter-report-link]').click();
    const sums = page.locator('[data-test=register-sums]');
    await told(sums, /Menge des Monats[\s\S]*m³[\s\S]*M\s+fehlt[\s\S]*Fehlende Tage: 2[\s\S]*Erste Ablesung/);
    await page.getByRole('button', { name: 'Ein Monat zurück' }).click();
    await page.waitForFunction(() => /month=\d{4}-\d\d/.test(location.hash));
    await page.getByRole('button', { name: 'Ein Monat weiter' }).click();
    const asked = page.waitForRequest(/meter\/report\?.*burst_limit=1.5/);
    await page.getByLabel('Grenze für Rohrbruch').fill('1,5');
    await page.getByLabel('Grenze für Rohrbruch').press('Enter');
    await asked;
    await told(page.locator('[data-test=tamper]'), /Kein Eingriff/);
    await page.getByLabel('Kleinstes Leck').fill('0,01');
    await page.getByLabel('Kleinstes Leck').press('Enter');
    await told(page.locator('[data-test=register-findings]'), /Schleichendes Leck/);
    await page.getByText('Nach Tagen').click();
    await told(page.locator('[data-test=report-days]'), /Ersatzwert[\s\S]*nach Vergleichstagen/);
    for (const [button, path, name] of [['report-csv', 'meter/report', 'days'], ['profile-csv', 'meter/profile', 'hours']]) {
      const [request, download] = await Promise.all([
        page.waitForRequest((each) => each.url().includes(`${path}?`) && each.url().includes('format=csv-de')),
        page.waitForEvent('download'),
        page.locator(`[data-test=${button}]`).click(),
      ]);
      assert.equal(new URL(request.url()).searchParams.get('burst_limit'), name === 'days' ? '1.5' : null);
      assert.match(download.suggestedFilename(), new RegExp(`^${meter.dev_eui}-\\d{4}-\\d\\d-${name}.csv$`));
    }
    await told(page.locator('[data-test=report-legend]'), /W\s+gemessen[\s\S]*E\s+Ersatzwert[\s\S]*Rohrbruch[\s\S]*Stillstand/);
  });
});

test('what a town publishes: of how many it is made, what is held back and why; a town that releases nothing says what to do', async () => {
  await withPage('towns/open?tenant=menden', async (page) => {
    await told(page.locator('[data-test=open-use-cases]'), /rain[\s\S]*water-meter/);
    await told(page.locator('[data-test=open-released]'), /Wassermenge[\s\S]*nur Summen von Haushalten[\s\S]*14 Zähler[\s\S]*96\s*%/);
    await told(page.locator('[data-test=open-held]'), /Wärmemenge[\s\S]*bricht eine Regel[\s\S]*CO₂[\s\S]*Kein Anwendungsfall/);
    const closed = await page.evaluate(async () => (await (await fetch('v1/tenants')).json()).items.find(({ open }) => open.length === 0).name);
    await page.locator('.controls select').selectOption(closed);
    await told(page.locator('[data-test=open-use-cases] .state.empty'), /gibt nichts frei[\s\S]*„open“/);
  });
});

test('a gateway shares its time on the air with its neighbours', async () => {
  await withPage('network?tenant=menden', async (page) => {
    await told(page.locator('[data-test=network-gateways]'), /g3 zu 93\s*% genutzt/);
    await told(page.locator('[data-test=network-gateways]'), /\+ [\d.]+ fremde/);
    await page.locator('[data-test=network-gateways] tr', { hasText: 'g3 zu 93' }).first().getByRole('link').click();
    await told(page.locator('[data-test=sub-bands]'), /g1[\s\S]*868\s*–\s*868,6[\s\S]*g3[\s\S]*93\s*%[\s\S]*25,2\s*s/);
    await told(page.locator('[data-test=sharing]'), /Abgelehnte Downlinks[\s\S]*Fremde Rahmen[\s\S]*anderer Netze/);
  });
});

test('batteries of a town come by when they are empty; of the whole region a town is asked for', async () => {
  await withPage('network', async (page) => {
    const card = page.locator('[data-test=batteries]');
    await card.getByText('Wählen Sie oben einen Ort').waitFor();
    await page.getByLabel('Ort').selectOption('menden');
    await told(card.locator('[data-test=battery-list] tbody tr').first(), /in \d+ d/);
    await told(card.locator('[data-test=battery-list]'), /fällt nicht/);
  });
});

test('a town without such sensors says what is missing and what to do', async () => {
  await standIn.visit(standIn.mock.url, { locale: 'de-DE' }, async (page) => {
    await page.route('**/v1/series?**', (route) => route.fulfill({ json: { items: [], next: null } }));
    for (const [path, says] of [
      ['waste', /Anwendungsfall „waste“/],
      ['indoors', /Anwendungsfall „school-air“/],
      ['traffic', /people, bicycles oder vehicles/],
      ['energy', /Wärme, Strom oder Gas/],
    ]) {
      await page.goto(`${standIn.mock.url}#/towns/${path}?tenant=olpe`);
      await told(page.locator(`main[data-view="towns/${path}"] .state.empty`), says);
    }
  });
});
