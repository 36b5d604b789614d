import { useEffect, useRef, useState } from 'preact/hooks';
import { connection } from '../api/connection';
import { useText } from '../i18n';
import { setToken, token } from '../session';
import { useStore } from '../store';

function TokenForm({ done }: { done: () => void }): preact.JSX.Element {
  const t = useText();
  const current = useStore(token);
  const [value, setValue] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!value.trim()) return;
    setToken(value);
    done();
  };
  return (
    <form class="token-form" onSubmit={submit}>
      <label for="token">{t('token.field')}</label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <p class="quiet">{t('token.hint')}</p>
      <p class="buttons">
        <button type="submit" class="primary">
          {t('token.save')}
        </button>
        {current && (
          <button
            type="button"
            onClick={() => {
              setToken('');
              done();
            }}
          >
            {t('token.clear')}
          </button>
        )}
      </p>
    </form>
  );
}

// In place of every view while the server wants a token.
export function TokenGate(): preact.JSX.Element {
  const t = useText();
  const current = useStore(token);
  return (
    <section class="card gate" data-test="unauthorised">
      <h1 tabIndex={-1}>{t('token.title')}</h1>
      <p role="alert">{t(current ? 'token.refused' : 'token.needed')}</p>
      <TokenForm done={() => undefined} />
    </section>
  );
}

export function TokenDialog({ open, close }: { open: boolean; close: () => void }): preact.JSX.Element {
  const t = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const { phase } = useStore(connection);
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);
  return (
    <dialog ref={dialog} class="dialog" onClose={close} aria-labelledby="token-title">
      <h2 id="token-title">{t('token.title')}</h2>
      {phase !== 'unauthorised' && open && <TokenForm done={close} />}
      <button type="button" class="link" onClick={close}>
        {t('token.close')}
      </button>
    </dialog>
  );
}
