import { CopyButton } from "../feedback/copy-button";

type Props = {
  readonly label: string;
  /** Without one there is nothing to show. */
  readonly value: string | null;
  /** What the button that copies it is called; none without. */
  readonly copyLabel?: string | undefined;
};

/** One of a list's facts (`<dl>`), as it is spelled elsewhere. */
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
