// What is known of one thing: labels and what they say.
export function Facts({ facts }: { facts: readonly [string, preact.ComponentChildren][] }): preact.JSX.Element {
  return (
    <dl class="pairs facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
