import { CopyButton } from "../feedback/copy-button";

type Props = {
  readonly label: string;
  readonly value: string | null;
  /** Label of the copy button; no button without a label. */
  readonly copyLabel?: string | undefined;
};

/** A term and a copyable code value in a `<dl>`; nothing for `null`. */
export const CodeFact = ({ label, value, copyLabel }: Props) =>
  value && (
    <div>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
        {copyLabel && <CopyButton value={value} label={copyLabel} />}
      </dd>
    </div>
  );
