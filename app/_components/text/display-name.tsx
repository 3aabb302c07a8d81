import classes from "./display-name.module.css";
import { codePointText, type NamePart, splitName } from "./split-name";

/** Shorter names fit into two lines in every layout, so they need no tooltip. */
const SHORT_CHARACTERS_MAX = 24;

type Props = {
  readonly name: string;
  /** Shown for a name of spaces only. */
  readonly nameless: string;
  /** Search text to highlight in the name. */
  readonly query?: string;
  /** Limits the name to two lines, with a tooltip. */
  readonly isClamped?: boolean;
};

function Part({ part: { kind, text } }: { readonly part: NamePart }) {
  if (kind === "hit") return <mark className={classes.hit}>{text}</mark>;
  if (kind === "text") return text;
  return (
    <span role="img" aria-label={codePointText(text)} className={classes.hidden}>
      {codePointText(text).slice(2)}
    </span>
  );
}

/**
 * Shows a name from outside Dingkeep: isolated from the text around it, with hidden characters made visible (S25).
 */
export function DisplayName({ name, nameless, query = "", isClamped = false }: Props) {
  if (name.trim() === "") return <span className={classes.nameless}>{nameless}</span>;
  return (
    <bdi
      className={classes.name}
      data-clamped={isClamped || undefined}
      title={isClamped && name.length > SHORT_CHARACTERS_MAX ? name : undefined}
    >
      {splitName(name, query).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of a text are identified by position only
        <Part key={index} part={part} />
      ))}
    </bdi>
  );
}
