import classes from "./display-name.module.css";
import { codeOf, type NamePart, splitName } from "./split-name";

/** Shorter names fit into two lines wherever they stand. */
const SHORT_CHARACTERS_MAX = 24;

type Props = {
  readonly name: string;
  /** What stands in the place of a name that shows nothing. */
  readonly nameless: string;
  /** Marked wherever it stands in the name. */
  readonly query?: string;
  /** Two lines at most; the pointer finds the rest, and a detail has all of it. */
  readonly isClamped?: boolean;
};

function Part({ part: { kind, text } }: { readonly part: NamePart }) {
  if (kind === "hit") return <mark className={classes.hit}>{text}</mark>;
  if (kind === "text") return text;
  return (
    <span role="img" aria-label={codeOf(text)} className={classes.hidden}>
      {codeOf(text).slice(2)}
    </span>
  );
}

/** A name from outside: apart from the text around it, with hidden characters drawn and nothing interpreted (S25). */
export function DisplayName({ name, nameless, query = "", isClamped = false }: Props) {
  if (name.trim() === "") return <span className={classes.nameless}>{nameless}</span>;
  return (
    <bdi
      className={classes.name}
      data-clamped={isClamped || undefined}
      title={isClamped && name.length > SHORT_CHARACTERS_MAX ? name : undefined}
    >
      {splitName(name, query).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of a text have no identity but their place
        <Part key={index} part={part} />
      ))}
    </bdi>
  );
}
