// One browser and one stand-in for the tests of a file: started before them, stopped after them.
import { after, before } from 'node:test';
import { launch, visit } from './chromium.mjs';
import { startMock } from './mock_server.mjs';

// The browser alone, for tests that bring servers of their own.
export function useBrowser() {
  const held = {
    // Opens an address, runs, and checks what holds for every view.
    visit: (url, options, run) => visit(held.browser, url, options, run),
  };
  before(async () => {
    held.browser = await launch();
  });
  after(() => held.browser?.close());
  return held;
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
