export function SelectField(props: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  change: (value: string) => void;
}): preact.JSX.Element {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.change(event.currentTarget.value)}>
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
