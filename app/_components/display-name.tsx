import classes from "./display-name.module.css";
import { codeOf, type NamePart, splitName } from "./split-name";

type Props = {
  readonly name: string;
  /** What stands in the place of a name that shows nothing. */
  readonly nameless: string;
  /** Marked wherever it stands in the name. */
  readonly query?: string;
};

function Part({ part: { is, text } }: { readonly part: NamePart }) {
  if (is === "hit") return <mark className={classes.hit}>{text}</mark>;
  if (is === "text") return text;
  return (
    <span role="img" aria-label={codeOf(text)} className={classes.hidden}>
      {codeOf(text).slice(2)}
    </span>
  );
}

/** A name from outside: apart from the text around it, with hidden characters drawn and nothing interpreted (S25). */
export function DisplayName({ name, nameless, query = "" }: Props) {
  if (name.trim() === "") return <span className={classes.nameless}>{nameless}</span>;
  return (
    <bdi className={classes.name}>
      {splitName(name, query).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of a text have no identity but their place
        <Part key={index} part={part} />
      ))}
    </bdi>
  );
}
