import { status } from '../api/connection';
import { dateTime } from '../format/time';
import { useText } from '../i18n';
import { useStore } from '../store';

const townFile = `# plettenberg.yaml
kind: Tenant
name: plettenberg
title: Plettenberg
ags: "05962052"
---
kind: Gateway
gateway_id: 0016c001ff10a235
tenant: plettenberg
name: Rathaus
location: {latitude: 51.212, longitude: 7.873}
---
kind: Site
name: grundschule
tenant: plettenberg
location: {latitude: 51.21, longitude: 7.88}`;

const deviceFile = `---
kind: Profile
name: room-climate
schema: elsys/ers
nominal_interval_s: 600
---
kind: Device
dev_eui: a81758fffe0000a1
join_eui: a81758fffe000000
name: Klassenraum 12
tenant: plettenberg
site: grundschule
profile: room-climate
activation: OTAA
app_key: …`;

const commands = `lenne apply --dry-run plettenberg.yaml
lenne apply plettenberg.yaml`;

export function About(): preact.JSX.Element {
  const t = useText();
  const now = useStore(status);
  return (
    <section class="page about">
      <div class="page-head">
        <h1 tabIndex={-1}>{t('about.title')}</h1>
        <p class="lead">{t('about.lead')}</p>
      </div>
      <ol class="steps">
        <li class="card">
          <h2>{t('about.step1')}</h2>
          <p>{t('about.step1.text')}</p>
        </li>
        <li class="card">
          <h2>{t('about.step2')}</h2>
          <p>{t('about.step2.text')}</p>
          <div class="example">
            <pre tabIndex={0}>
              <code>{townFile}</code>
            </pre>
            <div>
              <pre tabIndex={0}>
                <code>{deviceFile}</code>
              </pre>
              <pre tabIndex={0}>
                <code>{commands}</code>
              </pre>
            </div>
          </div>
        </li>
        <li class="card">
          <h2>{t('about.step3')}</h2>
          <p>{t('about.step3.text')}</p>
        </li>
      </ol>
      <div class="two">
        <section class="card">
          <h2>{t('about.data')}</h2>
          <p>{t('about.data.text')}</p>
          <ul class="plain">
            <li>
              <a href="openapi.yaml">{t('about.data.api')}</a>
            </li>
            <li>
              <a href="v1/latest?format=csv">{t('about.data.latest')}</a>
            </li>
            <li>
              <a href="v1/latest?format=geojson">{t('about.data.geojson')}</a>
            </li>
          </ul>
        </section>
        <section class="card">
          <h2>{t('about.honest')}</h2>
          <ul class="plain">
            <li>{t('about.honest.provisional')}</li>
            <li>{t('about.honest.coverage')}</li>
            <li>{t('about.honest.map')}</li>
          </ul>
        </section>
      </div>
      {now && <p class="quiet foot">{t('about.version', { version: now.version, started: dateTime(now.started) })}</p>}
    </section>
  );
}
