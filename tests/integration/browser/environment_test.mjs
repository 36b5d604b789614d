// What a town's environment and water balance say, against the stand-in: also what is missing, thin or left out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertOf } from './mock_alerts.mjs';
import { startMock } from './mock_server.mjs';
import { useStandIn } from './stand_in.mjs';
import { counted, told } from './waiting.mjs';

const standIn = useStandIn();
const { withPage } = standIn;
const measuring = (measure, tenant) => standIn.device(({ kind }) => kind.series.some(([name]) => name === measure), tenant);

test('the climate calendar has each day of the year, and says where data is missing', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=climate]');
    const year = new Date().getUTCFullYear() - 1; // one that is over, whatever the date
    await card.getByLabel('Jahr').selectOption(String(year));
    await card.locator(`[aria-label="Kalender der Tage von ${year}"]`).waitFor();
    const days = (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / 86_400_000;
    await counted(card.locator('[data-test=calendar] td.day'), days);
    assert.ok((await card.locator('td.day.nothing').count()) > 0, 'days without data are marked');
    await told(card.locator('[data-test=climate-sums]'), /Sommertage\s+≥\s*\d+[\s\S]*Tropennächte[\s\S]*Eistage/);
    await told(card.locator('[data-test=climate-months]'), /\d+ von \d+/);
    // A tropical night has a mark of its own beside what the day was.
    const night = card.locator('td.day.tropical').first();
    assert.match(await night.getAttribute('title'), /Tropennacht/);
    // A room is no climate station where there are stations outdoors.
    assert.doesNotMatch(await card.getByLabel('Messstelle').innerText(), /Klassenraum/);
  });
});

test('wind has a direction of its mean vector, gaps and thin hours; rain comes in events', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const wind = page.locator('[data-test=wind]');
    await told(wind.locator('[data-test=wind-newest]'), /Mittel\s+[\d,]+\s*m\/s[\s\S]*(aus (Nord|Ost|Süd|West)|wechselnd)[\s\S]*Höchste Bö/);
    assert.ok((await wind.locator('.bars .gap').count()) > 0, 'hours that are missing');
    assert.ok((await wind.locator('.bars .bar.weak').count()) > 0, 'hours with too little data');
    await wind.getByText('Dasselbe als Tabelle').click();
    await told(wind.locator('[data-test=wind-hours]'), /wechselnd[\s\S]*zu wenige Daten/);
    const rain = page.locator('[data-test=rain]');
    await rain.getByText('Regenereignisse der letzten 30 Tage: 2').click();
    await told(rain.locator('[data-test=rain-events]'), /21,6\s*mm[\s\S]*davon Regen[\s\S]*mm\/h[\s\S]*vollständig[\s\S]*≥\s*8,4\s*mm[\s\S]*zu wenige Daten/);
  });
});

test('rain, air and heat say how well they are known', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const rain = page.locator('[data-test=rain]');
    await told(rain.locator('[data-test=rain-sums]'), /≥[\s\S]*von 72 Stunden bekannt/);
    const air = page.locator('[data-test=air]');
    for (const word of ['orientierend', 'unvollständig']) await air.locator('.badges').getByText(word, { exact: true }).waitFor();
    assert.ok((await air.locator('.bars .gap').count()) > 0, 'an hour without a result is a gap');
    await air.getByText('Dasselbe als Tabelle').click();
    await told(air.locator('[data-test=air-hours]'), /\(unvollständig\)/);
    const heat = page.locator('[data-test=heat-island]');
    assert.ok((await heat.locator('.bar.weak').count()) > 0, 'a night of few hours is an outline');
    await heat.getByText('Die Höhe der Standorte ist nicht bekannt').waitFor();
    const place = page.locator('[data-test=place]');
    await place.getByText('Dasselbe als Tabelle').click();
    await place.locator('[data-test=windows] tbody tr').first().waitFor();
    await told(place.locator('[data-test=windows] tbody tr').first(), /\d+ von \d+/);
  });
});

test('limits of a year say what is exceeded, what is allowed, and what is not known', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=air-limits]');
    await card.getByText('orientierend', { exact: true }).waitFor();
    const rows = card.locator('[data-test=air-limits-table] tbody tr');
    await counted(rows, 4);
    await told(rows.nth(0), /PM10[\s\S]*ein Tag[\s\S]*50[\s\S]*36 Tage darüber[\s\S]*erlaubt: 35[\s\S]*91\s*%[\s\S]*31\s*% davon[\s\S]*überschritten/);
    await told(rows.nth(1), /das Jahr[\s\S]*21,4[\s\S]*eingehalten/);
    await told(rows.nth(3), /3 Stunden in Folge[\s\S]*0-mal darüber[\s\S]*7\.200 von 7\.920 Stunden/);
    await told(rows.nth(2), /Mittel über 2 Jahre: 18,5 Tage[\s\S]*120 von 330 Tagen[\s\S]*eingehalten, soweit bekannt[\s\S]*zu wenige Daten/);
    const asked = page.waitForRequest(new RegExp(`v1/air-limits\\?.*year=${new Date().getUTCFullYear() - 1}`));
    await card.getByLabel('Jahr').selectOption(String(new Date().getUTCFullYear() - 1));
    await asked;
  });
});

test('hot hours: the worst are told apart, a day without hours is a gap, one of few an outline', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=heat-hours]');
    await counted(card.locator('.bars svg .gap'), 1);
    await counted(card.locator('.bars .bar.weak'), 1);
    assert.ok((await card.locator('.bars .bar.heat-extreme').count()) > 0);
    await card.getByText('Dasselbe als Tabelle').click();
    await told(card.locator('[data-test=heat-hours-days]'), /7\s*h\s+3\s*h\s+1\s*h/);
  });
});

test('a town without such sensors says what is not measured', async () => {
  const few = await startMock();
  try {
    await standIn.visit(`${few.url}#/towns/environment?tenant=olpe`, { locale: 'de-DE' }, async (page) => {
      await page.route('**/v1/series?**', (route) =>
        /precipitation|pm|water_level/.test(route.request().url())
          ? route.fulfill({ json: { items: [], next: null } })
          : route.continue(),
      );
      await page.reload();
      await told(page.locator('[data-test=not-measured]'), /Niederschlag, Luftqualität, Wasserstand/);
      assert.equal(await page.locator('[data-test=rain]').count(), 0);
    });
  } finally {
    await few.stop();
  }
});

test('a level has its thresholds in the plot, its alerts below, and says what was left out', async (t) => {
  const level = measuring('water_level', 'menden');
  t.after(() => standIn.mock.setAlerts([]));
  standIn.mock.setAlerts([alertOf(level), alertOf(level, { rule: 'level-1', severity: 'info', threshold: 1.1, state: 'resolved' })]);
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=levels]');
    await card.getByText('Warnung', { exact: true }).waitFor();
    await told(card.locator('[data-test=level-list] tbody'), /\+\d+\s*cm\/h[\s\S]*zuletzt \+\d+\s*cm\/h[\s\S]*1,10\s*m · erreicht[\s\S]*1,60\s*m · in \d+ h/);
    await card.getByRole('link', { name: level.name }).click();
    await page.locator('.plot-legend').getByText('Schwelle: Einzelne Grundstücke und Keller · 1,60').first().waitFor();
    await page.locator('.plot-legend').getByText('aussortiert').waitFor();
    await counted(page.locator('[data-test=series-alerts] [data-test=alert]'), 2);
    await page.getByText('Dasselbe als Tabelle').click();
    await page.locator('[data-test=windows]').getByText('2 Werte aussortiert').first().waitFor();
  });
});

test('wells have levels, too', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=wells]');
    await told(card.locator('[data-test=level-list] tbody'), /Brunnen \d+[\s\S]*112,\d+\s*m[\s\S]*\+\d+\s*cm\/h/);
  });
});

test('thresholds are in the plot before there has been an alert, also without a token', async () => {
  const level = measuring('water_level', 'soest');
  await withPage(`series/${level.dev_eui}/water_level?tenant=soest&range=7d`, async (page) => {
    await page.locator('.plot-legend').getByText('Schwelle: Wiesen und Felder · 1,10').first().waitFor();
    await counted(page.locator('[data-test=series-alerts]'), 0);
  });
});

test('the sun says its class, a day without a result is a gap', async () => {
  await withPage('towns/environment?tenant=menden', async (page) => {
    const card = page.locator('[data-test=sun]');
    await card.locator('.bars .bar').first().waitFor();
    await counted(card.locator('.bars svg .gap'), 1);
    await card.getByText('Dasselbe als Tabelle').click();
    await told(card.locator('[data-test=sun-days]'), /um \d\d:\d\d[\s\S]*(mäßig|hoch)/);
  });
});

test('the balance of a zone: asks for the inflow, then shows what is missing and what cannot be told', async () => {
  const meter = measuring('water_volume', 'menden');
  await withPage(`towns/balance?tenant=menden&zone=${encodeURIComponent(meter.site)}`, async (page) => {
    const card = page.locator('[data-test=balance]');
    await card.getByText('Wählen Sie den Zähler').waitFor();
    await card.getByLabel('Zulauf').selectOption(meter.dev_eui);
    await card.locator('.bars .bar').first().waitFor();
    assert.ok((await card.locator('.bars .gap').count()) > 0);
    await card.getByLabel('Leitungsnetz').fill('4000');
    await card.getByLabel('Leitungsnetz').press('Enter');
    await card.locator('.plot-legend').getByText('Verlustklasse: hoch').waitFor();
    assert.match(page.url(), /network_m=4000/);
    await card.getByLabel('Nachtverbrauch').fill('0.002');
    await card.getByLabel('Nachtverbrauch').press('Enter');
    await card.getByText('Dasselbe als Tabelle').click();
    await told(card.locator('[data-test=balance-days]'), /Nachtmindestzulauf[\s\S]*m³\/h[\s\S]*abzüglich Nachtverbrauch[\s\S]*hoch/);
  });
});
