import { openAlerts } from '../../api/alerts';
import { getAll } from '../../api/client';
import { useResource } from '../../api/resource';
import type { Latest } from '../../api/types';
import { alertTitle } from '../../format/alerts';
import { measureName, valueText } from '../../format/measures';
import { ago, instant } from '../../format/time';
import { useText } from '../../i18n';
import { FlaggedNote } from '../../parts/flagged_note';
import { useNow } from '../../parts/now';
import { Loaded } from '../../parts/states';
import { href } from '../../router';
import { useStore } from '../../store';

const measure = 'water_level';
const most = 500;
const silentMs = 3 * 3_600_000;

// Water levels now, with what is open about them; each leads to its course with the thresholds in it.
export function LevelsCard({ tenant }: { tenant: string }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  const { items: open } = useStore(openAlerts);
  const found = useResource(
    `levels ${tenant}`,
    (signal) => getAll<Latest>('latest', { tenant, measure, limit: most }, most, { signal }),
    30_000,
  );
  // No alert of a sensor that says nothing is no news.
  const silent = (level: Latest): boolean => now - instant(level.time) > silentMs;
  return (
    <section class="card" data-test="levels">
      <h2>{t('levels.title')}</h2>
      <p class="quiet small">{t('levels.intro')}</p>
      <Loaded resource={found}>
        {({ items }) => (
          <table class="stacked">
            <thead>
              <tr>
                <th>{t('col.device')}</th>
                <th class="num">{measureName(measure)}</th>
                <th>{t('alerts.title')}</th>
                <th class="num">{t('col.seen')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((level) => {
                const alerts = open.filter((alert) => alert.dev_eui === level.dev_eui);
                return (
                  <tr key={level.dev_eui}>
                    <td data-label={t('col.device')}>
                      <a class="strong" href={href(['series', level.dev_eui, measure], { tenant, range: '7d' })}>
                        {level.device || level.dev_eui}
                      </a>
                      <span class="quiet below">{level.site ?? '–'}</span>
                    </td>
                    <td class="num" data-label={measureName(measure)}>
                      {valueText(measure, level.value, level.unit)}
                      {level.flagged && <FlaggedNote measure={measure} unit={level.unit} flagged={level.flagged} />}
                    </td>
                    <td data-label={t('alerts.title')}>
                      {alerts.length === 0 ? (
                        <span class={silent(level) ? 'health fair' : 'quiet'}>
                          {t(silent(level) ? 'levels.silent' : 'levels.quiet')}
                        </span>
                      ) : (
                        alerts.map((alert) => (
                          <span key={alert.rule} class={`badge severity-${alert.severity}`} title={alertTitle(alert)}>
                            {t(`alert.severity.${alert.severity}`)}
                          </span>
                        ))
                      )}
                    </td>
                    <td class="num" data-label={t('col.seen')}>
                      {ago(level.time, now)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </Loaded>
    </section>
  );
}
