// One browser and one stand-in for the tests of a file, stopped after them.
import { after, before } from 'node:test';
import { launch, visit } from './chromium.mjs';
import { startMock } from './mock_server.mjs';

// The browser alone, for tests that bring servers of their own. It starts when it is asked for: Node runs the hooks of a
// file side by side, so none may count on another one.
export function useBrowser() {
  let launched;
  const browser = () => (launched ??= launch());
  after(async () => (await launched)?.close());
  // Opens an address, runs, and checks what holds for every view.
  return { browser, visit: async (url, options, run) => visit(await browser(), url, options, run) };
}

// `withPage` opens a path of the page, in German unless it is told otherwise.
export function useStandIn(usual = { locale: 'de-DE' }) {
  const held = useBrowser();
  before(async () => {
    held.mock = await startMock();
  });
  after(() => held.mock?.stop());
  return Object.assign(held, {
    withPage: (path, run, options = usual) => held.visit(`${held.mock.url}${path ? `#/${path}` : ''}`, options, run),
    // The first device that fits; of any tenant when none is named.
    device: (fits, tenant) => held.mock.devices.find((d) => (!tenant || d.tenant === tenant) && fits(d)),
  });
}
